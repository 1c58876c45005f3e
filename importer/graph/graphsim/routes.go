package graphsim

import (
	"net/http"
	"net/url"
	"strings"
)

// request is one operation: an HTTP request, or an item of a batch.
type request struct {
	method string
	target string // path and query as sent, below /v1.0, with the slash
	query  string
	base   string // scheme and host the request came to
	call   Call
	batch  bool // the whole of a batch

	authorized                                bool
	expired                                   bool // the token was accepted before
	contentType, contentEncoding, consistency string
	body                                      []byte

	resource *resource // nil for an unknown path
	person   *person   // whom the path names, nil for nobody
	name     string    // as the path names them
	group    *group    // which the path names, nil for none
	key      string    // any other id in the path
	unknown  string    // the path's first segment that is not served
}

// resource is one kind of path.
type resource struct {
	service  service
	handlers map[string]handler // by HTTP method
	read     []string           // any of these application permissions
	write    []string
	ofUser   bool // below /users/{id}
	ofGroup  bool // below /groups/{id}
	global   bool // absent from the China cloud

	plan string // the service plan without which it is refused; P2 holds P1
}

type handler func(*Server, *request) reply

// The permissions are those of learn.microsoft.com, "Microsoft Graph
// permissions reference", and of each operation's page.
var (
	readUsers        = []string{"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	readBasicUsers   = append([]string{"User.ReadBasic.All"}, readUsers...)
	readOrganization = append([]string{"Organization.Read.All", "Organization.ReadWrite.All"}, readUsers...)
	writeMethods     = []string{"UserAuthenticationMethod.ReadWrite.All"}
	readMethods      = append([]string{"UserAuthenticationMethod.Read.All"}, writeMethods...)
	writePhones      = append([]string{"UserAuthMethod-Phone.ReadWrite.All"}, writeMethods...)
	readPhones       = append([]string{"UserAuthMethod-Phone.Read.All", "UserAuthMethod-Phone.ReadWrite.All"}, readMethods...)
	writeEmails      = append([]string{"UserAuthMethod-Email.ReadWrite.All"}, writeMethods...)
	readEmails       = append([]string{"UserAuthMethod-Email.Read.All", "UserAuthMethod-Email.ReadWrite.All"}, readMethods...)

	readDirectory = []string{"Directory.Read.All", "Directory.ReadWrite.All"}
	readGroups    = append([]string{"GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All"}, readDirectory...)
	readReport    = append([]string{"AuditLog.Read.All"}, readMethods...)
	readRoles     = append([]string{"RoleManagement.Read.Directory", "RoleManagement.ReadWrite.Directory", "RoleManagement.Read.All"}, readDirectory...)
	readEligible  = []string{"RoleEligibilitySchedule.Read.Directory", "RoleEligibilitySchedule.ReadWrite.Directory", "RoleManagement.Read.Directory", "RoleManagement.ReadWrite.Directory", "RoleManagement.Read.All"}
	readPolicy    = []string{"Policy.Read.All"}
	readMethodsOf = []string{"Policy.Read.AuthenticationMethod", "Policy.ReadWrite.AuthenticationMethod", "Policy.Read.All"}
	readDomains   = append([]string{"Domain.Read.All", "Domain.ReadWrite.All"}, readDirectory...)
	readLicences  = append([]string{"LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All", "Organization.Read.All", "Organization.ReadWrite.All"}, readDirectory...)
	readSynchrony = []string{"OnPremDirectorySynchronization.Read.All", "OnPremDirectorySynchronization.ReadWrite.All"}
)

func get(h handler) map[string]handler { return map[string]handler{http.MethodGet: h} }

// resources is every path that is served, {} standing for a name or an id.
var resources = map[string]*resource{
	"organization": {service: directories, read: readOrganization, handlers: get(getOrganization)},
	"users":        {service: directories, read: readBasicUsers, handlers: get(listUsers)},
	"users/$count": {service: directories, read: readBasicUsers, handlers: get(countUsers)},
	"users/delta":  {service: directories, read: readUsers, handlers: get(listMoves)},
	"users/{}":     {service: directories, read: readBasicUsers, ofUser: true, handlers: get(getUser)},

	"groups":                      {service: directories, read: readGroups, handlers: get(listGroups)},
	"groups/{}":                   {service: directories, read: readGroups, ofGroup: true, handlers: get(getGroup)},
	"groups/{}/owners":            {service: directories, read: readGroups, ofGroup: true, handlers: get(listOwners)},
	"groups/{}/transitiveMembers": {service: directories, read: readGroups, ofGroup: true, handlers: get(listMembers)},
	"groups/{}/transitiveMembers/microsoft.graph.user": {service: directories, read: readGroups, ofGroup: true, handlers: get(listPeopleOf)},

	"domains":                                           {service: directories, read: readDomains, handlers: get(listDomains)},
	"subscribedSkus":                                    {service: directories, read: readLicences, handlers: get(listLicences)},
	"directory/onPremisesSynchronization":               {service: directories, read: readSynchrony, handlers: get(listSynchronization)},
	"roleManagement/directory/roleAssignments":          {service: directories, read: readRoles, handlers: get(listAssignments)},
	"roleManagement/directory/roleEligibilitySchedules": {service: directories, read: readEligible, plan: planP2, handlers: get(listEligibilities)},

	"reports/authenticationMethods/userRegistrationDetails":    {service: reports, read: readReport, plan: planP1, handlers: get(listRegistrations)},
	"reports/authenticationMethods/userRegistrationDetails/{}": {service: reports, read: readReport, plan: planP1, handlers: get(getRegistration)},

	"policies/authorizationPolicy":                                               {service: directories, read: readPolicy, handlers: get(getAuthorizationPolicy)},
	"policies/identitySecurityDefaultsEnforcementPolicy":                         {service: directories, read: readPolicy, handlers: get(getSecurityDefaults)},
	"policies/authenticationMethodsPolicy":                                       {service: policies, read: readMethodsOf, global: true, handlers: get(getMethodsPolicy)},
	"policies/authenticationMethodsPolicy/authenticationMethodConfigurations":    {service: policies, read: readMethodsOf, global: true, handlers: get(listConfigurations)},
	"policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{}": {service: policies, read: readMethodsOf, global: true, handlers: get(getConfiguration)},

	"users/{}/authentication/methods": {service: methods, read: readMethods, ofUser: true, global: true,
		handlers: map[string]handler{http.MethodGet: listMethods}},
	"users/{}/authentication/phoneMethods": {service: methods, read: readPhones, write: writePhones, ofUser: true,
		handlers: map[string]handler{http.MethodGet: listPhones, http.MethodPost: createPhone}},
	"users/{}/authentication/phoneMethods/{}": {service: methods, read: readPhones, write: writePhones, ofUser: true,
		handlers: map[string]handler{http.MethodGet: getPhone, http.MethodPatch: updatePhone, http.MethodDelete: deletePhone}},
	"users/{}/authentication/emailMethods": {service: methods, read: readEmails, write: writeEmails, ofUser: true, global: true,
		handlers: map[string]handler{http.MethodGet: listEmails, http.MethodPost: createEmail}},
	"users/{}/authentication/emailMethods/{}": {service: methods, read: readEmails, write: writeEmails, ofUser: true, global: true,
		handlers: map[string]handler{http.MethodGet: getEmail, http.MethodPatch: updateEmail, http.MethodDelete: deleteEmail}},
}

// service is the back end the operation is for.
func (rq *request) service() service {
	if rq.resource == nil {
		return gateway
	}
	return rq.resource.service
}

// writes reports whether the operation would change a person.
func (rq *request) writes() bool {
	return rq.method == http.MethodPost || rq.method == http.MethodPatch || rq.method == http.MethodDelete
}

// aim reads the target: which resource it names, of whom, and what the levers
// are told of it.
func (s *Server) aim(rq *request) {
	path, query, asked := strings.Cut(rq.target, "?")
	rq.query = query
	rq.call.Method, rq.call.Path = rq.method, decoded(path, url.PathUnescape)
	if asked {
		rq.call.Path += "?" + decoded(query, url.QueryUnescape)
	}

	pattern := ""
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		segment = decoded(segment, url.PathUnescape)
		named := strings.TrimPrefix(pattern+"/"+segment, "/")
		switch placed := pattern + "/{}"; {
		case segment != "" && segment != "{}" && s.leads(named):
			pattern = named
		case segment != "" && s.leads(placed):
			s.aimAt(rq, placed, segment)
			pattern = placed
		default:
			rq.unknown = segment
			return
		}
	}
	rq.resource = resources[pattern]
	if rq.resource == nil {
		rq.unknown = pattern[strings.LastIndexByte(pattern, '/')+1:]
	}
}

// aimAt takes what stands in the place of {} at the end of the pattern.
func (s *Server) aimAt(rq *request, pattern, segment string) {
	switch pattern {
	case "users/{}":
		rq.name, rq.call.User = segment, segment
		if rq.person = s.people.find(segment); rq.person != nil {
			rq.call.User = rq.person.user.id()
		}
	case "groups/{}":
		rq.name, rq.group = segment, s.groups[fold(segment)]
	default:
		rq.key = segment
	}
}

// path is what the request names, as it was sent and without the query.
func (rq *request) path() string {
	path, _, _ := strings.Cut(rq.target, "?")
	return path
}

// leads reports whether a served path starts with, or is, the pattern.
func (s *Server) leads(pattern string) bool {
	global, leads := leading[pattern]
	return leads && (!global || s.options.Cloud != "china")
}

// leading holds every start of a path of resources, and whether it leads to
// nothing but what the China cloud lacks.
var leading = func() map[string]bool {
	starts := map[string]bool{}
	for pattern, r := range resources {
		for {
			global, known := starts[pattern]
			starts[pattern] = r.global && (global || !known)
			end := strings.LastIndexByte(pattern, '/')
			if end < 0 {
				break
			}
			pattern = pattern[:end]
		}
	}
	return starts
}()

func decoded(text string, unescape func(string) (string, error)) string {
	if plain, err := unescape(text); err == nil {
		return plain
	}
	return text
}

// handle answers one operation.
func (s *Server) handle(rq *request) reply {
	s.revokeInTurn()
	if refused := s.admit(rq); refused != nil {
		return *refused
	}
	rep := rq.resource.handlers[rq.method](s, rq)
	s.driftAfter(rq)
	if rep.wrote {
		s.stats.writes.Add(1)
	}
	if rep.doubled {
		s.stats.duplicates.Add(1)
	}
	return rep
}

// admit refuses what is wrong whatever the operation does. In which order Graph
// finds fault is unverified.
func (s *Server) admit(rq *request) *reply {
	var rep reply
	switch target := rq.resource; {
	case !rq.authorized:
		rep = rejected(rq, rq.service())
	case target == nil:
		rep = noSuchSegment(rq.unknown)
	case target.handlers[rq.method] == nil:
		rep = refuse(target.service, http.StatusMethodNotAllowed, target.service.code("BadRequest"),
			"Specified HTTP method is not allowed for the request target.")
		rep.header = http.Header{"Allow": {target.allow()}}
	case !s.holdsOne(target.permissions(rq)):
		rep = denied(target.service)
	case target.plan != "" && !s.tenant.hasPlan(target.plan, planP2):
		rep = unlicensed(target)
	case target.service == methods && rq.query != "":
		// The pages say it of phoneMethods; of the others it is unverified.
		rep = badRequest(methods, "Query parameters are not supported here.")
	case target.ofUser && rq.person == nil:
		rep = noSuchUser(target.service, rq.name)
	case target.ofGroup && rq.group == nil:
		rep = noSuchGroup(rq.name)
	case !plainEncoding(rq.contentEncoding):
		rep = unsupportedEncoding(target.service)
	case rq.method != http.MethodGet && rq.method != http.MethodDelete && !isJSON(rq.contentType):
		rep = unsupportedType(target.service)
	default:
		return nil
	}
	return &rep
}

func (t *resource) permissions(rq *request) []string {
	if rq.writes() {
		return t.write
	}
	return t.read
}

func (t *resource) allow() string {
	var names []string
	for _, name := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete} {
		if t.handlers[name] != nil {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
