package readiness

import (
	"fmt"
	"slices"
	"strings"
)

// Feature is a use of a sign-in: a command, or a part of one that takes
// permissions of its own.
type Feature string

// The features.
const (
	Plan       Feature = "plan"
	Apply      Feature = "apply"
	Cover      Feature = "coverage"
	Report     Feature = "report"
	Privileged Feature = "privileged"
	Policies   Feature = "policy"
	Settings   Feature = "settings"
)

// FeatureMeaning is a feature and what it is for.
type FeatureMeaning struct {
	Feature Feature
	Meaning string
}

// Features lists every feature.
func Features() []FeatureMeaning {
	return []FeatureMeaning{
		{Plan, "find people and read what they have registered"},
		{Apply, "that, and write phones and e-mails"},
		{Cover, "count who could reset a password"},
		{Report, "read the registration report instead of every person"},
		{Privileged, "know who holds a role, so that they are left alone"},
		{Policies, "know which methods the tenant uses"},
		{Settings, "what else doctor looks at: licences, domains, security defaults"},
	}
}

// ParseFeature reads a feature's name.
func ParseFeature(name string) (Feature, error) {
	var names []string
	for _, f := range Features() {
		if string(f.Feature) == name {
			return f.Feature, nil
		}
		names = append(names, string(f.Feature))
	}
	return "", fmt.Errorf("there is no feature %q: one of %s", name, strings.Join(names, ", "))
}

// Permission is a permission of Microsoft Graph. An application's and a person's
// have one name where they are for everybody in the tenant.
type Permission struct {
	Name string
	ID   string // of the application permission; empty where there is none
}

// The permissions that are least for something, with their ids
// (learn.microsoft.com, "Microsoft Graph permissions reference").
var (
	userRead     = Permission{"User.Read.All", "df021288-bdef-4463-88db-98f22de89214"}
	phoneRead    = Permission{"UserAuthMethod-Phone.Read.All", "f529a223-ea70-43ec-b268-5012de2fbaa2"}
	phoneWrite   = Permission{"UserAuthMethod-Phone.ReadWrite.All", "6e85d483-7092-4375-babe-0a94a8213a58"}
	emailRead    = Permission{"UserAuthMethod-Email.Read.All", "a1e58be0-1095-422b-b067-73434bd7d40f"}
	emailWrite   = Permission{"UserAuthMethod-Email.ReadWrite.All", "e8ecb853-1435-4a49-95ba-ec5b31b11672"}
	auditRead    = Permission{"AuditLog.Read.All", "b0afded3-3588-46d8-8b3d-9842eff778da"}
	roleRead     = Permission{"RoleManagement.Read.Directory", "483bed4a-2ad3-4361-a73b-c83ccdbdc53c"}
	eligibleRead = Permission{"RoleEligibilitySchedule.Read.Directory", "ff278e11-4a33-4d0c-83d2-d01dc58929a5"}
	memberRead   = Permission{"GroupMember.Read.All", "98830695-27a2-44f7-8c18-0c3ebc9698f6"}
	methodPolicy = Permission{"Policy.Read.AuthenticationMethod", "8e3bc81b-d2f3-4b7b-838c-32c88218d2f0"}
	policyRead   = Permission{"Policy.Read.All", "246dd0d5-5bd0-4def-940b-0421030a5b68"}
	domainRead   = Permission{"Domain.Read.All", "dbb9058a-0e50-45d7-ae91-66909b5d4664"}
	licenceRead  = Permission{"LicenseAssignment.Read.All", "e2f98668-2877-4f38-a2f4-8202e0717aa1"}
	syncRead     = Permission{"OnPremDirectorySynchronization.Read.All", ""}
)

// Access is a path and what it takes: the least permission, or any of those that
// do as well and mostly do more.
type Access struct {
	Path  string // of Microsoft Graph v1.0, with the verb where it is no GET
	Least Permission
	Also  []string
}

const (
	directoryRead  = "Directory.Read.All"
	directoryWrite = "Directory.ReadWrite.All"
	methodsRead    = "UserAuthenticationMethod.Read.All"
	methodsWrite   = "UserAuthenticationMethod.ReadWrite.All"
)

// The paths that are used. Every permission that reads a thing is also held by
// whoever holds the one that writes it. The organization is read with that for
// people.
var (
	readPeople   = Access{"/users", userRead, []string{directoryRead, "User.ReadWrite.All", directoryWrite}}
	readPhones   = Access{"/users/{id}/authentication/phoneMethods", phoneRead, []string{phoneWrite.Name, methodsRead, methodsWrite}}
	readEmails   = Access{"/users/{id}/authentication/emailMethods", emailRead, []string{emailWrite.Name, methodsRead, methodsWrite}}
	writePhones  = Access{"POST /users/{id}/authentication/phoneMethods", phoneWrite, []string{methodsWrite}}
	writeEmails  = Access{"POST /users/{id}/authentication/emailMethods", emailWrite, []string{methodsWrite}}
	readReport   = Access{"/reports/authenticationMethods/userRegistrationDetails", auditRead, nil}
	readRoles    = Access{"/roleManagement/directory/roleAssignments", roleRead, []string{directoryRead, "RoleManagement.ReadWrite.Directory", directoryWrite}}
	readEligible = Access{"/roleManagement/directory/roleEligibilitySchedules", eligibleRead, []string{roleRead.Name, "RoleManagement.ReadWrite.Directory", "RoleEligibilitySchedule.ReadWrite.Directory"}}
	readMembers  = Access{"/groups/{id}/transitiveMembers", memberRead, []string{"Group.Read.All", directoryRead, "Group.ReadWrite.All", directoryWrite}}
	readMethods  = Access{"/policies/authenticationMethodsPolicy", methodPolicy, []string{policyRead.Name, "Policy.ReadWrite.AuthenticationMethod"}}
	readAdmins   = Access{"/policies/authorizationPolicy", policyRead, nil}
	readDefaults = Access{"/policies/identitySecurityDefaultsEnforcementPolicy", policyRead, nil}
	readDomains  = Access{"/domains", domainRead, []string{directoryRead, "Domain.ReadWrite.All", directoryWrite}}
	readLicences = Access{"/subscribedSkus", licenceRead, []string{"Organization.Read.All", directoryRead, directoryWrite}}
	readSync     = Access{"/directory/onPremisesSynchronization", syncRead, []string{"OnPremDirectorySynchronization.ReadWrite.All"}}
)

// needs are the paths a feature cannot do without.
func (f Feature) needs() []Access {
	switch f {
	case Plan:
		return []Access{readPeople, readPhones, readEmails}
	case Apply:
		return []Access{readPeople, writePhones, writeEmails}
	case Cover:
		return []Access{readPeople, readReport}
	case Report:
		return []Access{readReport}
	case Privileged:
		return []Access{readRoles, readEligible, readMembers}
	case Policies:
		return []Access{readMethods}
	case Settings:
		return []Access{readMethods, readAdmins, readDefaults, readDomains, readLicences}
	}
	return nil
}

// usesFeatures are those that a command does without, and then knows less.
func (f Feature) usesFeatures() []Feature {
	if f == Plan || f == Apply {
		return []Feature{Report, Privileged, Policies}
	}
	return nil
}

// Needs lists the paths that the features need, each once, without what the
// cloud lacks.
func Needs(features []Feature, emails bool) []Access {
	var list []Access
	for _, f := range features {
		for _, a := range f.needs() {
			known := slices.ContainsFunc(list, func(b Access) bool { return b.Path == a.Path })
			if !known && (emails || a.Path != readEmails.Path && a.Path != writeEmails.Path) {
				list = append(list, a)
			}
		}
	}
	return list
}

// Least lists the permissions an app has to have for the features: the least
// that does, none that another in the list makes superfluous.
func Least(features []Feature, emails bool) []Permission {
	needed := Needs(features, emails)
	var list []Permission
	for _, a := range needed {
		covered := slices.ContainsFunc(needed, func(b Access) bool {
			return b.Least != a.Least && slices.Contains(a.Also, b.Least.Name)
		})
		if !covered && !slices.Contains(list, a.Least) && a.Least.ID != "" {
			list = append(list, a.Least)
		}
	}
	return list
}

// granted reports whether one of the permissions opens the path.
func (a Access) granted(held []string) bool {
	return slices.ContainsFunc(held, func(p string) bool {
		return strings.EqualFold(p, a.Least.Name) || slices.ContainsFunc(a.Also, func(q string) bool { return strings.EqualFold(p, q) })
	})
}

// missing lists the least permissions whose path the held ones do not open.
func missing(accesses []Access, held []string) []string {
	var list []string
	for _, a := range accesses {
		if !a.granted(held) && !slices.Contains(list, a.Least.Name) {
			list = append(list, a.Least.Name)
		}
	}
	return list
}

// broad lists those of the held permissions that write and that nothing asked
// for needs, and those for which a narrower one does.
func broad(accesses []Access, held []string) []string {
	var list []string
	for _, p := range held {
		least := slices.ContainsFunc(accesses, func(a Access) bool { return strings.EqualFold(a.Least.Name, p) })
		if !least && writes(p) {
			list = append(list, p)
		}
	}
	slices.Sort(list)
	return list
}

// writes reports whether a permission is for more than looking, by the way its
// name is made.
func writes(permission string) bool {
	return slices.ContainsFunc([]string{"Write", "FullControl", "AccessAsUser", "Manage.", ".Create", ".Send"}, func(verb string) bool {
		return strings.Contains(permission, verb)
	})
}

// writesMethods reports whether one of the permissions can write somebody's
// methods.
func writesMethods(held []string) bool {
	return writePhones.granted(held) || writeEmails.granted(held)
}
