package survey

import (
	"encoding/binary"

	"authseed/mapping/authmethod"
)

// Users are people of the tenant, each packed into one string: 90 bytes of a
// person who takes 450 open. A million are kept while a plan is made.
type Users struct{ packed []packedUser }

// Len is how many there are.
func (u *Users) Len() int { return len(u.packed) }

// At opens one of them, by a [Match.Place]. The texts of all that is opened of a
// person share memory.
func (u *Users) At(place int) (user authmethod.User) {
	u.packed[place].into(&user)
	return user
}

func (u *Users) add(user *authmethod.User) (place int) {
	u.packed = append(u.packed, packUser(user))
	return len(u.packed) - 1
}

// packedUser lives no longer than the process. TestPackingKeepsEveryUserField
// tells of a field that is forgotten.
type packedUser string

func textsOf(u *authmethod.User) [13]*string {
	return [...]*string{
		&u.ID, &u.UserPrincipalName, &u.DisplayName, &u.Mail, &u.EmployeeID, &u.OnPremisesSamAccountName, &u.OnPremisesImmutableID,
		&u.OnPremisesUserPrincipalName, &u.UserType, &u.UsageLocation, &u.Department, &u.Country, &u.MobilePhone,
	}
}

func listsOf(u *authmethod.User) [3]*[]string {
	return [...]*[]string{&u.ProxyAddresses, &u.BusinessPhones, &u.OtherMails}
}

func flagsOf(u *authmethod.User) [5]*bool {
	return [...]*bool{&u.AccountEnabled, &u.EnabledKnown, &u.Restricted, &u.Local, &u.Synced}
}

func packUser(u *authmethod.User) packedUser {
	b := make([]byte, 0, 256)
	texts := textsOf(u)
	for i, text := range texts {
		b = appendText(b, *text, texts[:i])
	}
	for _, list := range listsOf(u) {
		b = binary.AppendUvarint(b, uint64(len(*list)))
		for _, item := range *list {
			b = appendText(b, item, texts[:])
		}
	}
	var flags byte
	for i, flag := range flagsOf(u) {
		if *flag {
			flags |= 1 << i
		}
	}
	return packedUser(append(b, flags))
}

// appendText writes twice the length and the text, or of a text that is one of
// those before, such as a mail that is the name, one more than twice its place.
func appendText(b []byte, text string, before []*string) []byte {
	for i, same := range before {
		if text != "" && *same == text {
			return binary.AppendUvarint(b, uint64(i)<<1|1)
		}
	}
	return append(binary.AppendUvarint(b, uint64(len(text))<<1), text...)
}

// id is the user's object id.
func (p packedUser) id() string { return p.text(nil) }

func (p packedUser) into(u *authmethod.User) {
	texts := textsOf(u)
	for i, text := range texts {
		*text = p.text(texts[:i])
	}
	for _, list := range listsOf(u) {
		if n := p.number(); n > 0 {
			*list = make([]string, n)
			for i := range *list {
				(*list)[i] = p.text(texts[:])
			}
		}
	}
	for i, flag := range flagsOf(u) {
		*flag = p[0]>>i&1 == 1
	}
}

// text takes the next text off.
func (p *packedUser) text(before []*string) string {
	n := p.number()
	if n&1 == 1 {
		return *before[n>>1]
	}
	text := string((*p)[:n>>1])
	*p = (*p)[n>>1:]
	return text
}

func (p *packedUser) number() (n uint64) {
	for shift := 0; ; shift += 7 {
		c := (*p)[0]
		*p = (*p)[1:]
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
}
