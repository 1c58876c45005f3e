package graphsim

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
)

// generatedDomain is where everybody of a generated tenant lives; reserved by
// RFC 2606.
const generatedDomain = "contoso.example"

// Generate makes a tenant of invented people, the same for the same arguments
// and, user by user, the same for a larger number of users. About a third have
// registered something, a few are guests or disabled, about half come from an
// on-premises directory. User i has the employeeId i+1 in six digits, the
// userPrincipalName personNNNNNN@contoso.example, which is the primary proxy
// address too, and, every fourth, the alias pNNNNNN@contoso.example. Numbers are from the ranges
// that regulators keep for fiction and domains are reserved ones.
func Generate(users int, seed uint64) *Tenant {
	random := rand.New(rand.NewPCG(seed, 0x617574687365))
	t := &Tenant{ID: guid(random), DisplayName: "Contoso", VerifiedDomains: []string{generatedDomain}}
	if users > 0 {
		t.Users = make([]User, users)
	}
	for i := range t.Users {
		t.Users[i] = generateUser(random, i)
	}
	return t
}

func generateUser(random *rand.Rand, i int) User {
	given := [...]string{"Ada", "Bram", "Chiara", "Dilan", "Esra", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Lena", "Milo", "Nora", "Oskar", "Pia"}
	family := [...]string{"Albrecht", "Bello", "Castell", "Dorn", "Eklund", "Farago", "Gruber", "Holm", "Ivers", "Jansen", "Kovac", "Lindt"}
	number := fmt.Sprintf("%06d", i+1)
	name := "person" + number
	u := User{
		ID:                guid(random),
		UserPrincipalName: name + "@" + generatedDomain,
		DisplayName:       given[random.IntN(len(given))] + " " + family[random.IntN(len(family))],
		Mail:              name + "@" + generatedDomain,
		EmployeeID:        number,
		ProxyAddresses:    []string{"SMTP:" + name + "@" + generatedDomain},
		UsageLocation:     [...]string{"GB", "US"}[i%2],
	}
	if i%40 == 7 {
		u.UserType = "Guest"
	}
	if i%4 == 3 {
		u.ProxyAddresses = append(u.ProxyAddresses, "smtp:p"+number+"@"+generatedDomain)
	}
	if i%25 == 11 {
		disabled := false
		u.AccountEnabled = &disabled
	}
	if random.IntN(2) == 0 {
		u.OnPremisesSamAccountName = "p" + number
		u.OnPremisesUserPrincipalName = u.UserPrincipalName
		u.OnPremisesImmutableID = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "object-of-%s", number))
	}
	if random.IntN(4) == 0 {
		u.MobilePhone = mobileNumber(i)
		u.OtherMails = []string{name + "@mail.example"}
	}
	if random.IntN(3) == 0 {
		register(random, &u, i, name)
	}
	return u
}

// register gives the user one to four methods.
func register(random *rand.Rand, u *User, i int, name string) {
	which := 1 + random.IntN(7) // bits: mobile, office, e-mail; at least one
	if which&1 != 0 {
		u.PhoneMethods = append(u.PhoneMethods, PhoneMethod{mobile.String(), mobileNumber(i)})
		if random.IntN(6) == 0 {
			u.PhoneMethods = append(u.PhoneMethods, PhoneMethod{alternateMobile.String(), mobileNumber(i + 1)})
		}
	}
	if which&2 != 0 {
		extension := ""
		if random.IntN(2) == 0 {
			extension = fmt.Sprintf("x%d", 100+i%900)
		}
		u.PhoneMethods = append(u.PhoneMethods, PhoneMethod{office.String(), fmt.Sprintf("+44 2079460%03d%s", i%1000, extension)})
	}
	if which&4 != 0 {
		u.EmailMethods = []EmailMethod{{EmailAddress: name + "@home.example"}}
	}
}

// mobileNumber gives the i-th fictional mobile: British ones (Ofcom, 07700
// 900000 to 900999) and American ones (555-0100 to 555-0199 of real area codes)
// in turn. They come round again after two thousand people.
func mobileNumber(i int) string {
	areas := [...]int{206, 212, 303, 312, 404, 415, 503, 512, 617, 702}
	if half := i / 2; i%2 == 1 {
		return fmt.Sprintf("+1 %d55501%02d", areas[half/100%len(areas)], half%100)
	}
	return fmt.Sprintf("+44 7700900%03d", i/2%1000)
}

// guid makes a random-looking GUID of version 4.
func guid(random *rand.Rand) string {
	a, b := random.Uint64(), random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, 0x8000|b>>50, b&0xffffffffffff)
}
