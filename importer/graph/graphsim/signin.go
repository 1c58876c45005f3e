package graphsim

import (
	"net/http"
	"strings"
	"sync"
)

// signIns are the numbers people sign in with, each one person's. The tenant
// alone is looked at: that a number is unique among all tenants is unverified.
type signIns struct {
	mu    sync.Mutex
	names map[string]*person // digits of the number
}

// onlyDigits is what two spellings of a number share.
func onlyDigits(number string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}

// signIn makes the number a name the person signs in with instead of the one
// before, where the policy lets them sign in with one (learn.microsoft.com,
// "Create phoneMethod": adding a mobile number registers it). It reports whether
// that failed because it is somebody else's; the phone itself is stored all the
// same. p.mu is held.
func (s *Server) signIn(p *person, before, after string) (taken bool) {
	if p.marks&signsIn == 0 {
		return false
	}
	si := &s.signIns
	si.mu.Lock()
	defer si.mu.Unlock()
	if old := onlyDigits(before); before != "" && si.names[old] == p {
		delete(si.names, old)
	}
	if after == "" {
		return false
	}
	name := onlyDigits(after)
	if owner := si.names[name]; owner != nil && owner != p {
		return true
	}
	if si.names == nil {
		si.names = map[string]*person{}
	}
	si.names[name] = p
	return false
}

// clash is the 409 after which the phone is stored.
func clash() reply {
	code, message := usual(methods, http.StatusConflict)
	rep := refuse(methods, http.StatusConflict, code, message)
	rep.wrote = true
	return rep
}

// smsSignInState says of a phone whether one can sign in with it; only a mobile
// can ever be (learn.microsoft.com, phoneAuthenticationMethod resource type). Of
// a number that is nobody's name while its owner could have one, "notEnabled" is
// unverified.
func (s *Server) smsSignInState(p *person, kind phoneType, number string) string {
	switch {
	case kind != mobile:
		return "notSupported"
	case p.marks&signsIn == 0:
		return "notAllowedByPolicy"
	}
	si := &s.signIns
	si.mu.Lock()
	defer si.mu.Unlock()
	switch si.names[onlyDigits(number)] {
	case p:
		return "ready"
	case nil:
		return "notEnabled"
	}
	return "phoneNumberNotUnique"
}
