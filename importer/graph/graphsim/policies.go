package graphsim

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// plain answers an object or a collection that takes no query parameters.
func plain(rq *request, context, suffix string, members []byte) reply {
	if _, refused := queryOf(rq); refused != nil {
		return *refused
	}
	body := appendDirectoryContext(nil, rq, context, "", suffix)
	return reply{status: http.StatusOK, body: append(append(body, members...), '}')}
}

// getAuthorizationPolicy answers GET /policies/authorizationPolicy, of which only
// allowedToUseSSPR is the tenant's.
func getAuthorizationPolicy(s *Server, rq *request) reply {
	return plain(rq, "policies/authorizationPolicy", "/$entity", []byte(`"id":"authorizationPolicy","displayName":"Authorization Policy",`+
		`"description":null,"allowInvitesFrom":"adminsAndGuestInviters","allowedToSignUpEmailBasedSubscriptions":true,`+
		`"allowEmailVerifiedUsersToJoinOrganization":false,"blockMsolPowerShell":true,"guestUserRoleId":"10dae51f-b6af-4016-8d66-8c2a99b929b3",`+
		`"allowedToUseSSPR":`+strconv.FormatBool(s.tenant.adminsMayReset())))
}

// getSecurityDefaults answers GET /policies/identitySecurityDefaultsEnforcementPolicy.
func getSecurityDefaults(s *Server, rq *request) reply {
	return plain(rq, "policies/identitySecurityDefaultsEnforcementPolicy/$entity", "", []byte(
		`"id":"00000000-0000-0000-0000-000000000005","displayName":"Security Defaults","description":null,"isEnabled":`+
			strconv.FormatBool(s.tenant.SecurityDefaults)))
}

// configuration is one of the policy's method configurations, ready.
type configuration struct {
	MethodConfiguration
	id, class string
}

// configurations gives those that are kept, by id.
func (t *Tenant) configurations() []configuration {
	p := t.MethodsPolicy
	if p == nil {
		p = &MethodsPolicy{}
	}
	all := []configuration{{id: "Email", class: "email"}, {id: "Sms", class: "sms"}, {id: "Voice", class: "voice"}}
	for i, given := range []*MethodConfiguration{p.Email, p.SMS, p.Voice} {
		if given != nil {
			all[i].MethodConfiguration = *given
		}
		if all[i].IncludeTargets == nil {
			all[i].IncludeTargets = []Target{{ID: allUsers}}
		}
	}
	return all
}

// appendTo writes the configuration (learn.microsoft.com, the resource types
// emailAuthenticationMethodConfiguration, sms... and voice...).
func (c *configuration) appendTo(dst []byte) []byte {
	dst = append(dst, `"@odata.type":"#microsoft.graph.`+c.class+`AuthenticationMethodConfiguration","id":"`+c.id+`","state":"`...)
	dst = append(append(dst, cmp.Or(c.State, "enabled")...), '"')
	switch c.class {
	case "email":
		dst = append(dst, `,"allowExternalIdToUseEmailOtp":"default"`...)
	case "voice":
		dst = strconv.AppendBool(append(dst, `,"isOfficePhoneAllowed":`...), c.IsOfficePhoneAllowed == nil || *c.IsOfficePhoneAllowed)
	}
	targets := func(name string, list []Target, included bool) {
		dst = append(dst, `,"`+name+`":[`...)
		for i, t := range list {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(append(dst, `{"targetType":"`+cmp.Or(t.TargetType, "group")+`","id":`...), t.ID)
			if included {
				dst = append(dst, `,"isRegistrationRequired":false`...)
			}
			if included && c.class == "sms" {
				dst = strconv.AppendBool(append(dst, `,"isUsableForSignIn":`...), t.IsUsableForSignIn)
			}
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	targets("excludeTargets", c.ExcludeTargets, false)
	targets("includeTargets", c.IncludeTargets, true)
	return dst
}

func appendConfigurations(dst []byte, all []configuration) []byte {
	dst = append(dst, '[')
	for i := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(all[i].appendTo(append(dst, '{')), '}')
	}
	return append(dst, ']')
}

// getMethodsPolicy answers GET /policies/authenticationMethodsPolicy, which holds
// its configurations.
func getMethodsPolicy(s *Server, rq *request) reply {
	state := ""
	if p := s.tenant.MethodsPolicy; p != nil {
		state = p.PolicyMigrationState
	}
	members := []byte(`"id":"authenticationMethodsPolicy","displayName":"Authentication Methods Policy","description":null,` +
		`"lastModifiedDateTime":null,"policyVersion":"1.5","reconfirmationInDays":null,"registrationEnforcement":null,` +
		`"policyMigrationState":"` + cmp.Or(state, "migrationComplete") + `","authenticationMethodConfigurations":`)
	return plain(rq, "authenticationMethodsPolicy", "", appendConfigurations(members, s.tenant.configurations()))
}

// listConfigurations answers GET .../authenticationMethodConfigurations.
func listConfigurations(s *Server, rq *request) reply {
	return plain(rq, "policies/authenticationMethodsPolicy/authenticationMethodConfigurations", "",
		appendConfigurations([]byte(`"value":`), s.tenant.configurations()))
}

// getConfiguration answers for one: the pages spell its id in lower case, the
// service with a capital letter.
func getConfiguration(s *Server, rq *request) reply {
	all := s.tenant.configurations()
	i := slices.IndexFunc(all, func(c configuration) bool { return strings.EqualFold(c.id, rq.key) })
	if i < 0 {
		return refuse(policies, http.StatusNotFound, "resourceNotFound", "The requested authentication method configuration does not exist.")
	}
	return plain(rq, "policies/authenticationMethodsPolicy/authenticationMethodConfigurations", "/$entity", all[i].appendTo(nil))
}

// listDomains answers GET /domains.
func listDomains(s *Server, rq *request) reply {
	params, refused := queryOf(rq, "$select")
	if refused != nil {
		return *refused
	}
	cols, refused := columns(domainProperties, defaultDomainProperties, params["$select"], whole)
	if refused != nil {
		return *refused
	}
	body := appendDirectoryContext(nil, rq, "domains", params["$select"], "")
	body = append(body, `"value":[`...)
	for i, d := range s.tenant.allDomains() {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(appendMembers(append(body, '{'), cols, &d), '}')
	}
	return reply{status: http.StatusOK, body: append(body, "]}"...)}
}

// oneDomain is a domain as it is listed.
type oneDomain struct {
	Domain
	verified, first bool
}

// allDomains gives the verified domains, then the others.
func (t *Tenant) allDomains() []oneDomain {
	var all []oneDomain
	for i, name := range t.VerifiedDomains {
		all = append(all, oneDomain{Domain{ID: name}, true, i == 0})
	}
	for _, d := range t.Domains {
		i := slices.IndexFunc(all, func(o oneDomain) bool { return strings.EqualFold(o.ID, d.ID) })
		if i < 0 {
			all = append(all, oneDomain{Domain: d})
		} else {
			all[i].AuthenticationType = d.AuthenticationType
		}
	}
	return all
}

var domainProperties = map[string]property[oneDomain]{
	"id": {append: func(dst []byte, d *oneDomain) []byte { return appendString(dst, d.ID) }},
	"authenticationType": {append: func(dst []byte, d *oneDomain) []byte {
		return appendString(dst, cmp.Or(d.AuthenticationType, "Managed"))
	}},
	"isVerified":        {append: flag(func(d *oneDomain) bool { return d.verified })},
	"isDefault":         {append: flag(func(d *oneDomain) bool { return d.first })},
	"isInitial":         {append: flag(func(d *oneDomain) bool { return strings.HasSuffix(d.ID, ".onmicrosoft.com") })},
	"isRoot":            {append: flag(func(*oneDomain) bool { return true })},
	"isAdminManaged":    {append: flag(func(*oneDomain) bool { return true })},
	"supportedServices": {append: func(dst []byte, _ *oneDomain) []byte { return append(dst, "[]"...) }},
}

var defaultDomainProperties = []string{"authenticationType", "isAdminManaged", "isDefault", "isInitial", "isRoot", "isVerified", "supportedServices", "id"}

// listLicences answers GET /subscribedSkus: one subscription with the tenant's
// service plans, or none.
func listLicences(s *Server, rq *request) reply {
	plans := s.tenant.ServicePlans
	if plans == nil {
		plans = []string{planP1, planP2}
	}
	members := []byte(`"value":[`)
	if len(plans) > 0 {
		members = append(members, `{"id":"`+s.tenant.ID+`_06ebc4ee-1bb5-47dd-8120-11324bc54e06","accountId":"`+s.tenant.ID+`",`+
			`"accountName":null,"appliesTo":"User","capabilityStatus":"Enabled","consumedUnits":`...)
		members = strconv.AppendInt(members, int64(s.people.number()), 10)
		members = append(members, `,"skuId":"06ebc4ee-1bb5-47dd-8120-11324bc54e06","skuPartNumber":"SPE_E5","subscriptionIds":[],"servicePlans":[`...)
		for i, name := range plans {
			if i > 0 {
				members = append(members, ',')
			}
			members = append(members, `{"servicePlanId":"`+planID(name, i)+`","servicePlanName":`...)
			members = append(appendString(members, name), `,"provisioningStatus":"Success","appliesTo":"User"}`...)
		}
		members = append(members, "]}"...)
	}
	return plain(rq, "subscribedSkus", "", append(members, ']'))
}

// planID is the id of a service plan, an invented one where it is not needed.
func planID(name string, i int) string {
	switch name {
	case planP1:
		return "41781fb2-bc02-4b7c-bd55-b576c07bb09d"
	case planP2:
		return "eec0eb4f-6444-4f95-aba0-50c24d67f998"
	}
	return "00000000-0000-4000-8000-" + strconv.FormatInt(100000000000+int64(i), 10)
}

// listSynchronization answers GET /directory/onPremisesSynchronization
// (learn.microsoft.com, onPremisesDirectorySynchronization resource type). That a
// tenant that was never synchronised has an empty list is unverified.
func listSynchronization(s *Server, rq *request) reply {
	members := []byte(`"value":[`)
	if s.tenant.OnPremisesSyncEnabled {
		members = append(members, `{"id":"`+s.tenant.ID+`","configuration":{},"features":{"passwordSyncEnabled":true,"passwordWritebackEnabled":`...)
		members = append(strconv.AppendBool(members, s.tenant.PasswordWriteback), "}}"...)
	}
	return plain(rq, "directory/onPremisesSynchronization", "", append(members, ']'))
}
