package graphsim

import (
	"encoding/binary"
	"strings"
)

// packedUser is a user in about 140 bytes instead of 600, so that a million of
// them leave room for the client under test. The texts of what is opened are
// parts of it; the form lives no longer than the process.
type packedUser string

// The flags of a packed user.
const (
	userEnabledSaid = 1 << iota // accountEnabled is not nil
	userEnabled
	userRestricted
	userSynced
)

// texts are the user's fields that are one text, the two names first.
func (u *User) texts() [15]*string {
	return [...]*string{
		&u.ID, &u.UserPrincipalName, &u.DisplayName, &u.Mail, &u.EmployeeID, &u.OnPremisesSamAccountName,
		&u.OnPremisesImmutableID, &u.OnPremisesUserPrincipalName, &u.UserType, &u.UsageLocation, &u.MobilePhone,
		&u.Department, &u.Country, &u.CompanyName, &u.CreationType,
	}
}

func (u *User) lists() [4]*[]string {
	return [...]*[]string{&u.OtherMails, &u.ProxyAddresses, &u.BusinessPhones, &u.OtherMethods}
}

// packUser keeps everything but the phone and e-mail methods. spare is to pack
// in, and given back grown.
func packUser(spare []byte, u *User) (packedUser, []byte) {
	b := spare[:0]
	texts := u.texts()
	for i, text := range texts {
		b = appendPacked(b, *text, texts[:i])
	}
	for _, list := range u.lists() {
		// nil and empty differ in what is saved.
		if *list == nil {
			b = binary.AppendUvarint(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, uint64(len(*list))+1)
		for _, item := range *list {
			// A proxy address is mostly a name of the person behind its type.
			colon := strings.IndexByte(item, ':') + 1
			b = appendPacked(b, item[:colon], nil)
			b = appendPacked(b, item[colon:], texts[:])
		}
	}
	var flags byte
	if u.AccountEnabled != nil {
		flags |= userEnabledSaid
		if *u.AccountEnabled {
			flags |= userEnabled
		}
	}
	if u.IsManagementRestricted {
		flags |= userRestricted
	}
	if u.OnPremisesSyncEnabled {
		flags |= userSynced
	}
	b = append(b, flags)
	return packedUser(b), b
}

// appendPacked writes a text, or the number of the one before that is the same:
// an odd number is that, an even one twice a length.
func appendPacked(b []byte, text string, before []*string) []byte {
	if text != "" {
		for i, same := range before {
			if *same == text {
				return binary.AppendUvarint(b, uint64(i)<<1|1)
			}
		}
	}
	return append(binary.AppendUvarint(b, uint64(len(text))<<1), text...)
}

// text takes the next text off.
func (p *packedUser) text(before []*string) string {
	n := p.number()
	if n&1 != 0 {
		return *before[n>>1]
	}
	text := string((*p)[:n>>1])
	*p = (*p)[n>>1:]
	return text
}

func (p *packedUser) number() (n uint64) {
	for i, shift := 0, 0; ; i, shift = i+1, shift+7 {
		c := (*p)[i]
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			*p = (*p)[i+1:]
			return n
		}
	}
}

// open gives the user back.
func (p packedUser) open() *User {
	u := new(User)
	p.into(u)
	return u
}

// into is open for whoever has a user to overwrite.
func (p packedUser) into(u *User) {
	*u = User{}
	texts := u.texts()
	for i, text := range texts {
		*text = p.text(texts[:i])
	}
	for _, list := range u.lists() {
		n := p.number()
		if n == 0 {
			continue
		}
		*list = make([]string, n-1)
		for i := range *list {
			(*list)[i] = p.text(nil) + p.text(texts[:])
		}
	}
	flags := p[0]
	if flags&userEnabledSaid != 0 {
		enabled := flags&userEnabled != 0
		u.AccountEnabled = &enabled
	}
	u.IsManagementRestricted, u.OnPremisesSyncEnabled = flags&userRestricted != 0, flags&userSynced != 0
}

// id is the user's object id.
func (p packedUser) id() string { return p.text(nil) }

// names are the object id and the userPrincipalName.
func (p packedUser) names() (id, userPrincipalName string) {
	id = p.text(nil)
	return id, p.text([]*string{&id})
}
