package survey

import (
	"context"
	"errors"
	"net/http"
	"time"

	"authseed/importer/graph"
	"authseed/mapping/authmethod"
)

// ReportPage is how many people a page of the registration report holds, as far
// as is known: its page size is not documented, and what /users gives at most is
// what others ask for with success.
const ReportPage = 999

// Presence is what the tenant's registration report says about people: which
// methods they have, not the values. It is hours old.
type Presence struct {
	Made time.Time // when the report was made; of several times the earliest, zero where it does not say

	places map[string]int32 // by object id
	has    []listed         // by place
}

// listed is what the report says about one person.
type listed struct {
	is  bool // in the report at all
	has [authmethod.Count]bool
}

// Of gives which methods the person has, or false for somebody who is not in the
// report, such as a disabled or a new account.
func (p *Presence) Of(user string) (has [authmethod.Count]bool, is bool) {
	place, asked := p.places[user]
	if !asked {
		return has, false
	}
	l := p.has[place]
	return l.has, l.is
}

// NoReportError is a registration report that cannot be had: the tenant's
// licence does not include it, or the sign-in may not read it.
type NoReportError struct {
	Unlicensed bool
	cause      error
}

// Error says which of the two it is.
func (e *NoReportError) Error() string {
	if e.Unlicensed {
		return "the tenant has no registration report, which needs Microsoft Entra ID P1 or P2"
	}
	return "the sign-in may not read the tenant's registration report, which needs AuditLog.Read.All"
}

// Unwrap gives what the service said.
func (e *NoReportError) Unwrap() error { return e.cause }

// ReadPresence reads the registration report and keeps what it says about the
// people with these object ids. Without licence or permission the error is a
// [*NoReportError].
func ReadPresence(ctx context.Context, r Reader, users []string, o Options) (*Presence, error) {
	p := &Presence{places: make(map[string]int32, len(users)), has: make([]listed, len(users))}
	for i, id := range users {
		p.places[id] = int32(i)
	}
	read := 0
	_, err := pages(ctx, o, "", r.Registrations, func(page []graph.Registration) bool {
		for i := range page {
			p.take(&page[i])
		}
		read += len(page)
		o.tell(Progress{Stage: "the registration report", Done: read})
		return true
	})
	var refused *graph.Error
	switch {
	case graph.IsUnlicensed(err):
		return nil, &NoReportError{Unlicensed: true, cause: err}
	case errors.As(err, &refused) && refused.Status == http.StatusForbidden:
		return nil, &NoReportError{cause: err}
	case err != nil:
		return nil, err
	}
	return p, nil
}

// take takes in a line. Somebody may be in two while the report changes: what
// either says is there may be there.
func (p *Presence) take(r *graph.Registration) {
	place, wanted := p.places[r.User]
	if !wanted {
		return
	}
	l := &p.has[place]
	l.is = true
	for kind, has := range r.Has {
		l.has[kind] = l.has[kind] || has
	}
	if !r.Updated.IsZero() && (p.Made.IsZero() || r.Updated.Before(p.Made)) {
		p.Made = r.Updated
	}
}
