package approval

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// Result is the fixed word for what a signature is worth.
type Result string

// The results. Only Valid counts.
const (
	Valid          Result = "valid"
	Repeated       Result = "repeated"        // good, of a person or a key that is counted already
	Requester      Result = "requester"       // good, of the one who made the plan
	NotAllowed     Result = "not-allowed"     // its key is not in allowed_signers
	Expired        Result = "expired"         // after the key's valid-before
	NotYetValid    Result = "not-yet-valid"   // before the key's valid-after
	OtherNamespace Result = "other-namespace" // made for something else, or the key is allowed for something else
	OtherFile      Result = "other-file"      // not of these bytes: another file, or one of the two was changed
	Unreadable     Result = "unreadable"      // no SSH signature
)

// Signature is one signature beside a plan and what it is worth. Principals and
// Fingerprint are what it proves, or claims where it is of another file: then
// Principals is empty.
type Signature struct {
	File        string
	Principals  []string // of its key in allowed_signers, in their order
	Fingerprint string   // of its key, "SHA256:..."; empty where unreadable
	Result      Result
	Detail      string // in words; empty where valid
}

// Verdict is who signed a plan.
type Verdict struct {
	Requester  string
	Need       int // approvals that are wanted
	Signatures []Signature
}

// Valid is the number of approvals that count.
func (v *Verdict) Valid() int {
	n := 0
	for _, s := range v.Signatures {
		if s.Result == Valid {
			n++
		}
	}
	return n
}

// Approved reports whether the plan is approved. One that does not say who made
// it is not: nobody could tell whether that person approved it.
func (v *Verdict) Approved() bool { return v.Requester != "" && v.Need > 0 && v.Valid() >= v.Need }

// Verify says what each signature of a plan's bytes is worth at a time. The
// requester is the plan's.
func Verify(plan []byte, requester string, files []File, allowed *Allowed, need int, now time.Time) *Verdict {
	v := &Verdict{Requester: requester, Need: need, Signatures: []Signature{}}
	var people []person
	for i, f := range files {
		s, key := allowed.judge(plan, f, requester, now)
		v.Signatures = append(v.Signatures, s)
		if s.Result == Valid {
			people = join(people, person{[]int{i}, []string{key}, s.Principals})
		}
	}
	for _, p := range people {
		first := slices.Min(p.signatures)
		for _, i := range p.signatures {
			if i != first {
				v.Signatures[i].Result = Repeated
				v.Signatures[i].Detail = "the same person or key as " + files[first].Name
			}
		}
	}
	return v
}

// Able counts the people who can approve a plan of the requester at a time.
func (a *Allowed) Able(requester string, now time.Time) int {
	var people []person
	for i, l := range a.signers {
		made := slices.ContainsFunc(l.principals, func(p string) bool { return requester != "" && same(p, requester) })
		late := !l.before.IsZero() && now.After(l.before) || !l.after.IsZero() && now.Before(l.after)
		if l.covers(Namespace) && !made && !late {
			people = join(people, person{[]int{i}, []string{string(l.key.Marshal())}, l.principals})
		}
	}
	return len(people)
}

// person is good signatures that may be of one person, however many keys and
// names they have.
type person struct {
	signatures []int // places in the list
	keys       []string
	principals []string
}

// join adds a person, and makes one of all who turn out to be the same by it.
func join(people []person, p person) []person {
	var others []person
	for _, q := range people {
		if !p.meets(q) {
			others = append(others, q)
			continue
		}
		p = person{append(p.signatures, q.signatures...), append(p.keys, q.keys...), append(p.principals, q.principals...)}
	}
	return append(others, p)
}

// meets reports whether two share a key or a name.
func (p person) meets(q person) bool {
	share := func(mine, theirs []string, same func(a, b string) bool) bool {
		return slices.ContainsFunc(mine, func(a string) bool {
			return slices.ContainsFunc(theirs, func(b string) bool { return same(a, b) })
		})
	}
	return share(p.keys, q.keys, func(a, b string) bool { return a == b }) || share(p.principals, q.principals, same)
}

// judge looks at the signature before it looks at who made it: until it is good
// its key is a claim, and nobody's name belongs beside it.
func (a *Allowed) judge(plan []byte, f File, requester string, now time.Time) (Signature, string) {
	s := Signature{File: f.Name}
	is := func(r Result, format string, args ...any) (Signature, string) {
		s.Result, s.Detail = r, fmt.Sprintf(format, args...)
		return s, ""
	}
	sig, err := parse(f.Text)
	if err != nil {
		return is(Unreadable, "no SSH signature: %v", err)
	}
	s.Fingerprint = fingerprint(sig.PublicKey)
	if sig.Namespace != Namespace {
		return is(OtherNamespace, "made for %q, not for %q", sig.Namespace, Namespace)
	}
	if err := sshsig.Verify(bytes.NewReader(plan), sig, sig.PublicKey, sig.HashAlgorithm, Namespace); err != nil {
		return is(OtherFile, "made for another file, or the plan or the signature was changed since")
	}
	key := string(sig.PublicKey.Marshal())
	lines := slices.DeleteFunc(slices.Clone(a.signers), func(l signer) bool { return string(l.key.Marshal()) != key })
	if len(lines) == 0 {
		return is(NotAllowed, "its key is not in the list of allowed signers")
	}
	for _, l := range lines {
		for _, p := range l.principals {
			if !slices.Contains(s.Principals, p) {
				s.Principals = append(s.Principals, p)
			}
		}
	}
	// By every name of the key, whatever its lines allow: a line that has expired
	// still says whose it is.
	if i := slices.IndexFunc(s.Principals, func(p string) bool { return requester != "" && same(p, requester) }); i >= 0 {
		return is(Requester, "%s made the plan", s.Principals[i])
	}
	lines = slices.DeleteFunc(lines, func(l signer) bool { return !l.covers(Namespace) })
	if len(lines) == 0 {
		return is(OtherNamespace, "its key is allowed for other namespaces than %q", Namespace)
	}
	for _, l := range lines {
		switch {
		case !l.after.IsZero() && now.Before(l.after):
			s.Result, s.Detail = NotYetValid, "its key is valid from "+l.after.UTC().Format(time.RFC3339)
		case !l.before.IsZero() && now.After(l.before):
			s.Result, s.Detail = Expired, "its key was valid until "+l.before.UTC().Format(time.RFC3339)
		default:
			s.Result, s.Detail = Valid, ""
			return s, key
		}
	}
	return s, ""
}

// Who is the principals of a signature as people read them.
func (s Signature) Who() string {
	if len(s.Principals) == 0 {
		return "nobody known"
	}
	return strings.Join(s.Principals, ", ")
}

// checkKey refuses kinds of key that are too weak or that nobody needs.
func checkKey(k ssh.PublicKey) error {
	if !slices.Contains(keyTypes, k.Type()) {
		return fmt.Errorf("keys of the kind %q are not supported", k.Type())
	}
	if n := rsaBits(k); n > 0 && n < 2048 {
		return fmt.Errorf("an RSA key of %d bits is too short; 2048 is the least", n)
	}
	return nil
}
