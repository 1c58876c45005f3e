// Package authmethod holds the nouns every floor shares: the kinds of
// authentication method, their values, what a row wishes for one, a person of
// the tenant, and the key a row names a person by.
//
// It promises that a [Value] never shows itself: every way of printing,
// logging or encoding one gives its mask, and [Value.Reveal] is the only way to
// the clear text. It does no I/O, reads no clock and imports nothing of this
// module, so that every package may use it.
package authmethod

import "fmt"

// Kind is one authentication method authseed can register. A person has at
// most one value of each kind, because Graph gives every kind one fixed id.
type Kind uint8

// The kinds, in the order they are shown in.
const (
	Mobile Kind = iota
	AlternateMobile
	Office
	Email

	// Count is the number of kinds, for arrays indexed by Kind.
	Count = 4
)

var kindNames = [Count]string{"mobile", "alternateMobile", "office", "email"}

// Kinds lists every kind in the order they are shown in.
func Kinds() [Count]Kind { return [Count]Kind{Mobile, AlternateMobile, Office, Email} }

// WriteOrder lists every kind in the order one person's values are written in.
// alternateMobile comes last because Graph refuses it to a person without a
// mobile; removals go through the list backwards for the same reason.
func WriteOrder() [Count]Kind { return [Count]Kind{Mobile, Office, Email, AlternateMobile} }

// ParseKind reads a kind's name as the mapping file and the plan write it.
func ParseKind(name string) (Kind, error) {
	for i, n := range kindNames {
		if n == name {
			return Kind(i), nil
		}
	}
	return 0, fmt.Errorf("unknown method %q", name)
}

// String is the kind's name in files, flags and documents. For the three
// phones it is also Graph's phoneType.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("method(%d)", uint8(k))
}

// IsPhone tells the three phones from the e-mail address.
func (k Kind) IsPhone() bool { return k != Email }

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name and refuses any other word.
func (k *Kind) UnmarshalText(text []byte) error {
	parsed, err := ParseKind(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}
