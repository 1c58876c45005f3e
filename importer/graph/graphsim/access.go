package graphsim

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// challenge is what Graph sends with a 401 (learn.microsoft.com, "How to use
// Continuous Access Evaluation enabled APIs in your applications", without the
// claims that only an event brings; that it is the same for a token that has
// merely expired is unverified).
const challenge = `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`

// tokens remembers when each was first seen.
type tokens struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// outlived reports whether a token's time is over.
func (s *Server) outlived(token string) bool {
	life := s.options.Levers.TokenLife
	if life <= 0 {
		return false
	}
	now := s.options.Now()
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	first, known := s.tokens.seen[token]
	if !known {
		if s.tokens.seen == nil {
			s.tokens.seen = map[string]time.Time{}
		}
		s.tokens.seen[token], first = now, now
	}
	return now.Sub(first) >= life
}

// rejected is the 401 of a request whose token is not accepted, or no longer.
func rejected(rq *request, from service) reply {
	if !rq.expired {
		return unauthorized()
	}
	code, message := usual(from, http.StatusUnauthorized)
	rep := refuse(from, http.StatusUnauthorized, code, message)
	rep.setHeader("WWW-Authenticate", challenge)
	return rep
}

// Permissions lists the application permissions that are asked for here, by
// name.
func Permissions() []string {
	known := map[string]bool{}
	for _, r := range resources {
		for _, p := range slices.Concat(r.read, r.write) {
			known[p] = true
		}
	}
	return slices.Sorted(maps.Keys(known))
}

// Revoke takes permissions away from the caller, from now on: what needs them is
// answered 403 like any missing permission. Where [Options.Permissions] is nil,
// so that everything is held, whatever permits all that such a permission does
// is taken away with it, and what permits only a part of it stays: without
// UserAuthMethod-Phone.ReadWrite.All phones can be read, and e-mail methods
// written by their own permission.
func (s *Server) Revoke(permissions ...string) {
	s.revoking.Lock()
	defer s.revoking.Unlock()
	held := map[string]bool{}
	if before := s.held.Load(); before != nil {
		maps.Copy(held, *before)
	} else {
		for _, p := range Permissions() {
			held[p] = true
		}
		s.everything = true
	}
	for _, lost := range permissions {
		for p := range held {
			if p == lost || s.everything && includes(p, lost) {
				held[p] = false
			}
		}
	}
	s.held.Store(&held)
}

// includes reports whether a permission is enough wherever another one is.
func includes(wide, narrow string) bool {
	known := false
	for _, r := range resources {
		for _, list := range [][]string{r.read, r.write} {
			if slices.Contains(list, narrow) {
				if known = true; !slices.Contains(list, wide) {
					return false
				}
			}
		}
	}
	return known
}

// revokeInTurn takes away what is lost with this operation.
func (s *Server) revokeInTurn() {
	lost := s.options.Levers.Revoke
	if len(lost) == 0 {
		return
	}
	n := s.operations.Add(1)
	for _, r := range lost {
		if n == r.After+1 {
			s.Revoke(r.Permission)
		}
	}
}

// holdsOne reports whether the caller holds one of the permissions.
func (s *Server) holdsOne(permissions []string) bool {
	held := s.held.Load()
	return held == nil || slices.ContainsFunc(permissions, func(p string) bool { return (*held)[p] })
}
