package graphsim

import (
	"fmt"
	"net/http"
)

// service is the back end that answers. The error codes of each have their own
// spelling (learn.microsoft.com, "Microsoft Graph error responses").
type service uint8

const (
	gateway     service = iota // Graph's front: BadRequest
	directories                // users, organization: Request_BadRequest
	methods                    // authentication methods: badRequest, message repeated in innerError
	reports                    // the registration report: BadRequest
	policies                   // the authentication methods policy: badRequest
)

const (
	jsonSuccess = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
	jsonError   = "application/json"
	htmlPage    = "text/html; charset=utf-8"
)

// reply is the answer to one operation before it has its ids.
type reply struct {
	status  int
	service service
	body    []byte      // of a success; nil for none
	code    string      // of an error
	message string      // of an error; never holds what the caller sent as a phone number or address
	header  http.Header // added to the answer
	html    bool        // the body is a web page
	text    bool        // the body is plain text
	wrote   bool        // a person was changed
	doubled bool        // a create of what existed

	truncated bool // the HTTP body ends in the middle
	missing   bool // the batch's answer leaves it out
}

func refuse(from service, status int, code, message string) reply {
	return reply{service: from, status: status, code: code, message: message}
}

// badRequest refuses in the service's own spelling.
func badRequest(from service, format string, args ...any) reply {
	return refuse(from, http.StatusBadRequest, from.code("BadRequest"), fmt.Sprintf(format, args...))
}

func unsupportedQuery(format string, args ...any) reply {
	return refuse(directories, http.StatusBadRequest, "Request_UnsupportedQuery", fmt.Sprintf(format, args...))
}

// of words a refused query as the service does: only the directory's have
// Request_UnsupportedQuery. That the others say BadRequest is unverified.
func (r *reply) of(from service) *reply {
	if from != directories {
		*r = badRequest(from, "%s", r.message)
	}
	return r
}

// code spells a code the way the service does.
func (v service) code(name string) string {
	switch v {
	case directories:
		return "Request_" + name
	case methods, policies:
		return string(name[0]|0x20) + name[1:]
	}
	return name
}

// denied is the 403 of a missing permission.
func denied(from service) reply {
	switch from {
	case methods, policies: // of the policies unverified
		return refuse(from, http.StatusForbidden, "accessDenied", "Request Authorization failed")
	case reports: // unverified
		return refuse(from, http.StatusForbidden, "Authentication_MSGraphPermissionMissing",
			"The principal does not have required Microsoft Graph permission(s) to call this API.")
	}
	return refuse(from, http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}

// noSuchUser is the 404 of an unknown id or name. The code of the
// authentication-method service is unverified.
func noSuchUser(from service, name string) reply {
	if from == methods {
		return refuse(from, http.StatusNotFound, "resourceNotFound", "User not found.")
	}
	return refuse(from, http.StatusNotFound, "Request_ResourceNotFound",
		fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", name))
}

// unlicensed is the 403 of a tenant without the service plan. The report's
// message is the service's own and its code is unverified, as is all of the
// roles'.
func unlicensed(r *resource) reply {
	if r.service == reports {
		return refuse(reports, http.StatusForbidden, "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
			"Neither tenant is B2C or tenant doesn't have premium license")
	}
	return refuse(r.service, http.StatusForbidden, "AadPremiumLicenseRequired",
		"The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.")
}

// noSuchGroup is the answer to a group that is not there; that a name which is
// no GUID is a bad request is unverified.
func noSuchGroup(name string) reply {
	if !isGUID(name) {
		return badRequest(directories, "Invalid object identifier '%s'.", name)
	}
	return noSuchUser(directories, name)
}

// noSuchSegment is the answer to a path that is not served. Graph words it so;
// its status is unverified.
func noSuchSegment(segment string) reply {
	return refuse(gateway, http.StatusNotFound, "ResourceNotFound", fmt.Sprintf("Resource not found for the segment '%s'.", segment))
}

// reply turns a fault into an answer of the service it is asked of.
func (f *Fault) reply(from service) reply {
	rep := refuse(from, f.Status, f.Code, f.Message)
	if rep.status == 0 {
		rep.status = http.StatusInternalServerError
	}
	code, message := usual(from, rep.status)
	if rep.code == "" {
		rep.code = code
	}
	if rep.message == "" {
		rep.message = message
	}
	rep.header = f.Header
	if f.HTML {
		rep.html = true
		rep.body = fmt.Appendf(nil, "<!DOCTYPE html>\n<html><head><title>%[1]d %[2]s</title></head><body><h1>%[2]s</h1></body></html>\n",
			rep.status, http.StatusText(rep.status))
	}
	return rep
}

// usual is what Graph says with a status when nothing more is known.
func usual(from service, status int) (code, message string) {
	switch status {
	case http.StatusUnauthorized:
		if from == methods {
			return "unauthenticated", "The user is unauthenticated."
		}
		return "InvalidAuthenticationToken", "Access token has expired or is not yet valid."
	case http.StatusForbidden:
		rep := denied(from)
		return rep.code, rep.message
	case http.StatusConflict:
		if from == methods {
			return "phoneNumberNotUnique", "The phone number is not unique."
		}
		return "Directory_ConcurrencyViolation", "There's a conflict with another request."
	case http.StatusTooManyRequests:
		return "TooManyRequests", "Too many requests. Please try again later."
	case http.StatusServiceUnavailable:
		return "serviceNotAvailable", "The service is temporarily unavailable for maintenance or is overloaded."
	case http.StatusInternalServerError:
		return "generalException", "An unspecified error has occurred."
	}
	return "UnknownError", http.StatusText(status)
}

// ids of one answer.
type ids struct{ request, client string }

func (s *Server) idsFor(rq *request) ids {
	id := ids{request: s.requestID(), client: rq.call.ClientRequestID}
	if id.client == "" {
		id.client = id.request
	}
	return id
}

// appendError writes the error envelope. Its date has no zone, as in every
// sample of the service's.
func (s *Server) appendError(dst []byte, rep *reply, id ids) []byte {
	dst = append(dst, `{"error":{"code":`...)
	dst = appendString(dst, rep.code)
	dst = append(dst, `,"message":`...)
	dst = appendString(dst, rep.message)
	dst = append(dst, `,"innerError":{`...)
	if rep.service == methods {
		dst = append(dst, `"message":`...)
		dst = append(appendString(dst, rep.message), ',')
	}
	dst = append(dst, `"date":"`...)
	dst = s.options.Now().UTC().AppendFormat(dst, "2006-01-02T15:04:05")
	dst = append(dst, `","request-id":`...)
	dst = appendString(dst, id.request)
	dst = append(dst, `,"client-request-id":`...)
	dst = appendString(dst, id.client)
	return append(dst, "}}}"...)
}

// contentType is the type of the reply's body, "" when there is none.
func (r *reply) contentType() string {
	switch {
	case r.html:
		return htmlPage
	case r.code != "":
		return jsonError
	case r.text:
		return "text/plain"
	case r.body != nil:
		return jsonSuccess
	}
	return ""
}
