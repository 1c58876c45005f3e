package graphsim

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// has is what a person has registered of what the report tells apart: a bit for
// each phone type and one for e-mail.
type has uint8

const hasEmail has = 1 << phoneTypes

func (st *state) has() (h has) {
	for kind := range st.phones {
		if st.phones[kind].value != "" {
			h |= 1 << kind
		}
	}
	if st.email.value != "" {
		h |= hasEmail
	}
	return h
}

// snapshot is the report as it was made.
type snapshot struct {
	at  time.Time
	has []has // by position
}

// report keeps the last snapshot.
type report struct {
	mu   sync.Mutex
	last *snapshot
}

// shows gives the snapshot that is shown, made anew where it is too old. Without
// ReportAge there is none: the report shows what is true.
func (s *Server) shows() *snapshot {
	age := s.options.Levers.ReportAge
	if age <= 0 {
		return nil
	}
	s.report.mu.Lock()
	defer s.report.mu.Unlock()
	now := s.options.Now()
	if last := s.report.last; last != nil && now.Sub(last.at) < age {
		return last
	}
	all := s.people.all()
	made := &snapshot{now, make([]has, len(all))}
	for i, p := range all {
		made.has[i] = p.nowHas()
	}
	s.report.last = made
	return made
}

func (p *person) nowHas() has {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.has()
}

// registration is a line of the report (learn.microsoft.com,
// userRegistrationDetails resource type).
type registration struct {
	of     *person
	tenant *Tenant
	has    has
	at     time.Time

	opened *User // see user
}

// user is who it is of. Most lines that a filter leaves out need nobody opened.
func (r *registration) user() *User {
	if r.opened == nil {
		r.opened = r.of.user.open()
	}
	return r.opened
}

// line gives what the report shows of a person, false when it leaves them out:
// disabled accounts it does not cover.
func (s *Server) line(p *person, shown *snapshot) (registration, bool) {
	r := registration{of: p, tenant: &s.tenant}
	if p.marks&isDisabled != 0 {
		return r, false
	}
	if shown == nil {
		r.has, r.at = p.nowHas(), s.options.Now()
		return r, true
	}
	if p.position >= len(shown.has) {
		return r, false
	}
	r.has, r.at = shown.has[p.position], shown.at
	return r, true
}

// methods are those that are registered, in the report's words.
func (r *registration) methods() []string {
	var names []string
	for i, name := range [...]string{"mobilePhone", "alternateMobilePhone", "officePhone", "email"} {
		if r.has&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return append(names, r.user().OtherMethods...)
}

// required is how many methods the person needs to reset a password:
// administrators always two (learn.microsoft.com, "Self-service password reset
// policies").
func (r *registration) required() int {
	if r.of.marks&isAdmin != 0 {
		return 2
	}
	return r.tenant.required()
}

// ssprRegistered reports whether enough is registered to reset a password. An
// alternate mobile phone does not count (learn.microsoft.com, "Phone
// authentication methods"), security questions not for administrators, and a
// notification of the authenticator app only where two are required
// (learn.microsoft.com, "How it works: Microsoft Entra self-service password
// reset"). That notification and code of the app count as two is unverified.
func (r *registration) ssprRegistered() bool {
	required, count := r.required(), 0
	for _, name := range r.methods() {
		switch name {
		case "mobilePhone", "officePhone", "email", "softwareOneTimePasscode", "hardwareOneTimePasscode":
			count++
		case "microsoftAuthenticatorPush":
			if required == 2 {
				count++
			}
		case "securityQuestion":
			if r.of.marks&isAdmin == 0 {
				count++
			}
		}
	}
	return count >= required
}

func (r *registration) ssprEnabled() bool { return r.of.marks&maySSPR != 0 }

// isKept reports whether the report's word is for what is kept as a phone or
// e-mail method.
func isKept(name string) bool {
	return slices.Contains([]string{"mobilePhone", "alternateMobilePhone", "officePhone", "email"}, name)
}

// strong reports whether something registered is good for a second factor:
// everything but e-mail and questions.
func (r *registration) strong() bool {
	return slices.ContainsFunc(r.methods(), func(m string) bool { return m != "email" && m != "securityQuestion" })
}

func (r *registration) passwordless() bool {
	return slices.ContainsFunc(r.user().OtherMethods, func(m string) bool {
		return strings.HasPrefix(m, "passKey") || strings.HasPrefix(m, "fido2") || strings.HasPrefix(m, "windowsHello") ||
			m == "microsoftAuthenticatorPasswordless"
	})
}

// registrationProperties: which method somebody prefers is not kept, and that a
// method of the policy's is capable of multifactor authentication in any case is
// unverified.
var registrationProperties = map[string]property[registration]{
	"id":                {append: func(dst []byte, r *registration) []byte { return appendString(dst, r.user().ID) }},
	"userPrincipalName": {append: func(dst []byte, r *registration) []byte { return appendString(dst, r.user().UserPrincipalName) }},
	"userDisplayName":   {append: func(dst []byte, r *registration) []byte { return appendNullable(dst, r.user().DisplayName) }},
	"userType": {append: func(dst []byte, r *registration) []byte {
		if r.user().UserType == "Guest" {
			return append(dst, `"guest"`...)
		}
		return append(dst, `"member"`...)
	}},
	"isAdmin":               {append: flag(func(r *registration) bool { return r.of.marks&isAdmin != 0 })},
	"isSsprRegistered":      {append: flag((*registration).ssprRegistered)},
	"isSsprEnabled":         {append: flag((*registration).ssprEnabled)},
	"isSsprCapable":         {append: flag(func(r *registration) bool { return r.ssprEnabled() && r.ssprRegistered() })},
	"isMfaRegistered":       {append: flag((*registration).strong)},
	"isMfaCapable":          {append: flag((*registration).strong)},
	"isPasswordlessCapable": {append: flag((*registration).passwordless)},
	"methodsRegistered":     {append: func(dst []byte, r *registration) []byte { return appendStrings(dst, r.methods()) }},
	"lastUpdatedDateTime": {append: func(dst []byte, r *registration) []byte {
		return appendString(dst, r.at.UTC().Format("2006-01-02T15:04:05.0000000Z"))
	}},
	"isSystemPreferredAuthenticationMethodEnabled": {append: flag(func(*registration) bool { return true })},
	"systemPreferredAuthenticationMethods":         {append: func(dst []byte, _ *registration) []byte { return append(dst, "[]"...) }},
	"userPreferredMethodForSecondaryAuthentication": {append: func(dst []byte, _ *registration) []byte {
		return append(dst, `"none"`...)
	}},
}

var allRegistrationProperties = []string{
	"id", "userPrincipalName", "userDisplayName", "userType", "isAdmin", "isSsprRegistered", "isSsprEnabled", "isSsprCapable",
	"isMfaRegistered", "isMfaCapable", "isPasswordlessCapable", "methodsRegistered", "isSystemPreferredAuthenticationMethodEnabled",
	"systemPreferredAuthenticationMethods", "userPreferredMethodForSecondaryAuthentication", "lastUpdatedDateTime",
}

// listRegistrations answers GET /reports/authenticationMethods/userRegistrationDetails.
func listRegistrations(s *Server, rq *request) reply {
	params, refused := queryOf(rq, "$select", "$top", "$skiptoken", "$filter")
	if refused != nil {
		return *refused
	}
	cols, refused := columns(registrationProperties, allRegistrationProperties, params["$select"], whole)
	if refused != nil {
		return *refused.of(reports)
	}
	wanted, refused := wantedOfReport(params["$filter"])
	if refused != nil {
		return *refused
	}
	shown := s.shows()
	all := s.people.all()
	l := list{context: "reports/authenticationMethods/userRegistrationDetails", total: len(all), width: 40 * len(cols)}
	l.there = func(i int) bool {
		if all[i].marks&isDisabled != 0 || all[i].gone.Load() || shown != nil && i >= len(shown.has) {
			return false
		}
		r, _ := s.line(all[i], shown)
		return wanted(&r)
	}
	l.append = func(dst []byte, i int) []byte {
		r, _ := s.line(all[i], shown)
		return append(appendMembers(append(dst, '{'), cols, &r), '}')
	}
	return s.list(rq, params, l)
}

// wantedOfReport reads a $filter. Of what the page of the operation lists, eq on
// one of the booleans is served, and the rest refused.
func wantedOfReport(filter string) (func(*registration) bool, *reply) {
	if filter == "" {
		return func(*registration) bool { return true }, nil
	}
	is := map[string]func(*registration) bool{
		"isadmin":          func(r *registration) bool { return r.of.marks&isAdmin != 0 },
		"isssprregistered": (*registration).ssprRegistered,
		"isssprenabled":    (*registration).ssprEnabled,
		"isssprcapable":    func(r *registration) bool { return r.ssprEnabled() && r.ssprRegistered() },
	}
	words := strings.Fields(strings.ToLower(filter))
	if len(words) != 3 || words[1] != "eq" || is[words[0]] == nil || words[2] != "true" && words[2] != "false" {
		rep := badRequest(reports, "Invalid filter clause.")
		return nil, &rep
	}
	return func(r *registration) bool { return is[words[0]](r) == (words[2] == "true") }, nil
}

// getRegistration answers for one person. That somebody the report leaves out
// is not found is unverified.
func getRegistration(s *Server, rq *request) reply {
	params, refused := queryOf(rq, "$select")
	if refused != nil {
		return *refused
	}
	cols, refused := columns(registrationProperties, allRegistrationProperties, params["$select"], whole)
	if refused != nil {
		return *refused.of(reports)
	}
	p := s.people.find(rq.key)
	if p == nil || !strings.EqualFold(p.user.id(), rq.key) {
		return refuse(reports, http.StatusNotFound, "ResourceNotFound", "User not found.")
	}
	r, covered := s.line(p, s.shows())
	if !covered {
		return refuse(reports, http.StatusNotFound, "ResourceNotFound", "User not found.")
	}
	body := appendDirectoryContext(nil, rq, "reports/authenticationMethods/userRegistrationDetails", params["$select"], "/$entity")
	return reply{status: http.StatusOK, body: append(appendMembers(body, cols, &r), '}')}
}
