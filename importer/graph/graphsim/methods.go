package graphsim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
)

const (
	phoneClass    = "#microsoft.graph.phoneAuthenticationMethod"
	emailClass    = "#microsoft.graph.emailAuthenticationMethod"
	passwordClass = "#microsoft.graph.passwordAuthenticationMethod"
)

// The rules about existence and order are those of learn.microsoft.com, "Create
// phoneMethod", "Update phoneAuthenticationMethod", "Delete
// phoneAuthenticationMethod" and "Create emailMethod". That they are refused
// with 400 badRequest, and in which words, is unverified.

func listMethods(s *Server, rq *request) reply {
	p := rq.person
	p.mu.Lock()
	defer p.mu.Unlock()
	have := s.shown(p)
	body := beginList(rq, "methods")
	body = append(body, `{"@odata.type":"`+passwordClass+`","id":"`+passwordID+`","createdDateTime":null,"password":null}`...)
	for kind := range have.phones {
		if m := &have.phones[kind]; m.value != "" {
			body = appendPhone(append(body, `,{"@odata.type":"`+phoneClass+`",`...), phoneType(kind), m, s.smsSignInState(p, phoneType(kind), m.value))
		}
	}
	if have.email.value != "" {
		body = appendEmail(append(body, `,{"@odata.type":"`+emailClass+`",`...), &have.email)
	}
	return reply{status: http.StatusOK, body: append(body, "]}"...)}
}

func listPhones(s *Server, rq *request) reply {
	p := rq.person
	p.mu.Lock()
	defer p.mu.Unlock()
	have := s.shown(p)
	body := beginList(rq, "phoneMethods")
	some := false
	for kind := range have.phones {
		if m := &have.phones[kind]; m.value != "" {
			if some {
				body = append(body, ',')
			}
			body, some = appendPhone(append(body, '{'), phoneType(kind), m, s.smsSignInState(p, phoneType(kind), m.value)), true
		}
	}
	return reply{status: http.StatusOK, body: append(body, "]}"...)}
}

func getPhone(s *Server, rq *request) reply {
	kind, known := phoneTypeOf(rq.key)
	if !known {
		return noSuchMethod()
	}
	p := rq.person
	p.mu.Lock()
	defer p.mu.Unlock()
	have := s.shown(p)
	if have.phones[kind].value == "" {
		return noSuchMethod()
	}
	return reply{status: http.StatusOK, body: appendPhone(beginEntity(rq, "phoneMethods"), kind, &have.phones[kind], s.smsSignInState(p, kind, have.phones[kind].value))}
}

func createPhone(s *Server, rq *request) reply {
	kind, number, refused := phoneBody(rq.body)
	if refused != nil {
		return *refused
	}
	p := rq.person
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phones[kind].value != "" {
		rep := badRequest(methods, "A phone method of type '%s' already exists for this user.", kind)
		rep.doubled = true
		return rep
	}
	if kind == alternateMobile && p.phones[mobile].value == "" {
		return badRequest(methods, "A mobile phone is required before an alternateMobile phone can be added.")
	}
	s.changing(p)
	p.phones[kind] = method{number, s.created()}
	if kind == mobile && s.signIn(p, "", number) {
		return clash()
	}
	return reply{status: http.StatusCreated, wrote: true,
		body: appendPhone(beginEntity(rq, "phoneMethods"), kind, &p.phones[kind], s.smsSignInState(p, kind, number))}
}

// updatePhone wants both members: what is left out is "recalculated", says
// "Update phoneAuthenticationMethod", and what becomes of it is unverified.
func updatePhone(s *Server, rq *request) reply {
	kind, known := phoneTypeOf(rq.key)
	if !known {
		return noSuchMethod()
	}
	named, number, refused := phoneBody(rq.body)
	if refused != nil {
		return *refused
	}
	p := rq.person
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phones[kind].value == "" {
		return noSuchMethod()
	}
	if named != kind {
		return badRequest(methods, "The phoneType of a phone method cannot be changed.")
	}
	s.changing(p)
	before := p.phones[kind].value
	p.phones[kind].value = number
	if kind == mobile && s.signIn(p, before, number) {
		return clash()
	}
	return reply{status: http.StatusNoContent, wrote: true}
}

func deletePhone(s *Server, rq *request) reply {
	kind, known := phoneTypeOf(rq.key)
	if !known {
		return noSuchMethod()
	}
	p := rq.person
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phones[kind].value == "" {
		return noSuchMethod()
	}
	if kind == mobile && p.phones[alternateMobile].value != "" {
		return badRequest(methods, "The mobile phone cannot be deleted while an alternateMobile phone exists.")
	}
	s.changing(p)
	if kind == mobile {
		s.signIn(p, p.phones[kind].value, "")
	}
	p.phones[kind] = method{}
	return reply{status: http.StatusNoContent, wrote: true}
}

func listEmails(s *Server, rq *request) reply {
	p := rq.person
	p.mu.Lock()
	defer p.mu.Unlock()
	have := s.shown(p)
	body := beginList(rq, "emailMethods")
	if have.email.value != "" {
		body = appendEmail(append(body, '{'), &have.email)
	}
	return reply{status: http.StatusOK, body: append(body, "]}"...)}
}

func getEmail(s *Server, rq *request) reply {
	p := rq.person
	p.mu.Lock()
	defer p.mu.Unlock()
	have := s.shown(p)
	if fold(rq.key) != emailID || have.email.value == "" {
		return noSuchMethod()
	}
	return reply{status: http.StatusOK, body: appendEmail(beginEntity(rq, "emailMethods"), &have.email)}
}

func createEmail(s *Server, rq *request) reply {
	address, refused := emailBody(rq.body)
	if refused != nil {
		return *refused
	}
	p := rq.person
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.email.value != "" {
		rep := badRequest(methods, "An email method already exists for this user.")
		rep.doubled = true
		return rep
	}
	s.changing(p)
	p.email = method{address, s.created()}
	return reply{status: http.StatusCreated, wrote: true, body: appendEmail(beginEntity(rq, "emailMethods"), &p.email)}
}

func updateEmail(s *Server, rq *request) reply {
	address, refused := emailBody(rq.body)
	if refused != nil {
		return *refused
	}
	p := rq.person
	p.mu.Lock()
	defer p.mu.Unlock()
	if fold(rq.key) != emailID || p.email.value == "" {
		return noSuchMethod()
	}
	s.changing(p)
	p.email.value = address
	return reply{status: http.StatusNoContent, wrote: true}
}

func deleteEmail(s *Server, rq *request) reply {
	p := rq.person
	p.mu.Lock()
	defer p.mu.Unlock()
	if fold(rq.key) != emailID || p.email.value == "" {
		return noSuchMethod()
	}
	s.changing(p)
	p.email = method{}
	return reply{status: http.StatusNoContent, wrote: true}
}

// noSuchMethod is the 404 of an absent method; its code is unverified.
func noSuchMethod() reply {
	return refuse(methods, http.StatusNotFound, "resourceNotFound", "The requested authentication method does not exist.")
}

func (s *Server) created() string {
	return s.options.Now().UTC().Format("2006-01-02T15:04:05Z")
}

// phoneBody reads what is posted or patched of a phone.
func phoneBody(body []byte) (kind phoneType, number string, refused *reply) {
	var values [2]string
	if refused := writableMembers(body, phoneClass, []string{"phoneType", "phoneNumber"}, values[:]); refused != nil {
		return 0, "", refused
	}
	kind, known := parsePhoneType(values[0])
	if !known {
		rep := badRequest(methods, "The phoneType is not one of mobile, alternateMobile and office.")
		return 0, "", &rep
	}
	if !validPhone(values[1], kind) {
		rep := badRequest(methods, "The phone number does not have the format +{country code} {number}x{extension}.")
		return 0, "", &rep
	}
	return kind, values[1], nil
}

// emailBody reads what is posted or patched of an e-mail method.
func emailBody(body []byte) (address string, refused *reply) {
	var values [1]string
	if refused := writableMembers(body, emailClass, []string{"emailAddress"}, values[:]); refused != nil {
		return "", refused
	}
	if !validEmail(values[0]) {
		rep := badRequest(methods, "The email address is not valid.")
		return "", &rep
	}
	return values[0], nil
}

// writableMembers reads an object that has exactly the wanted members, each
// once and a string, and perhaps its own class as @odata.type. Read-only
// members, smsSignInState above all, are refused like unknown ones.
func writableMembers(body []byte, class string, wanted, values []string) *reply {
	wrong := ""
	ok := json.Valid(body) && members(body, func(name string, value []byte) bool {
		given, isText := text(value)
		if name == "@odata.type" && given == class {
			return true
		}
		i := slices.Index(wanted, name)
		if i < 0 || !isText || values[i] != "" {
			wrong = name
			return false
		}
		values[i] = given
		return true
	})
	if wrong != "" {
		rep := badRequest(methods, "The property '%s' cannot be written, is given twice or is not a string.", wrong)
		return &rep
	}
	if !ok {
		rep := badRequest(methods, "The request body is not a JSON object.")
		return &rep
	}
	if i := slices.Index(values, ""); i >= 0 {
		rep := badRequest(methods, "The property '%s' is required.", wanted[i])
		return &rep
	}
	return nil
}

// beginList opens a collection of a person's methods, beginEntity one method.
func beginList(rq *request, collection string) []byte {
	return append(appendContext(rq, collection, ""), `"value":[`...)
}

func beginEntity(rq *request, collection string) []byte {
	return appendContext(rq, collection, "/$entity")
}

func appendContext(rq *request, collection, suffix string) []byte {
	body := append(make([]byte, 0, 512), `{"@odata.context":`...)
	body = appendString(body, rq.base, "/v1.0/$metadata#users('", url.QueryEscape(rq.name), "')/authentication/", collection, suffix)
	return append(body, ',')
}

// appendPhone writes the members of a phone and closes the object.
func appendPhone(dst []byte, kind phoneType, m *method, signIn string) []byte {
	dst = append(dst, `"id":"`...)
	dst = append(dst, phoneIDs[kind]...)
	dst = append(dst, `","createdDateTime":`...)
	dst = appendNullable(dst, m.created)
	dst = append(dst, `,"phoneNumber":`...)
	dst = appendString(dst, m.value)
	dst = append(dst, `,"phoneType":"`...)
	dst = append(dst, kind.String()...)
	dst = append(dst, `","smsSignInState":"`...)
	dst = append(dst, signIn...)
	return append(dst, `"}`...)
}

// appendEmail writes the members of an e-mail method and closes the object.
func appendEmail(dst []byte, m *method) []byte {
	dst = append(dst, `"id":"`+emailID+`","createdDateTime":`...)
	dst = appendNullable(dst, m.created)
	dst = append(dst, `,"emailAddress":`...)
	dst = appendString(dst, m.value)
	return append(dst, '}')
}
