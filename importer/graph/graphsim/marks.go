package graphsim

// marks is what the tenant's settings say of a person.
type marks uint8

const (
	isAdmin    marks = 1 << iota
	maySSPR          // the policy lets them reset their password
	signsIn          // a mobile number becomes a name they sign in with
	isDisabled       // the account, which is the user's own to say
)

// mark finds out what the settings say of everybody, and registers the numbers
// they sign in with: of several with one number the first has it.
func (s *Server) mark() {
	for _, r := range s.tenant.RoleAssignments {
		s.markAll(Target{ID: r.PrincipalID}, isAdmin)
		s.markAll(Target{ID: r.PrincipalID, TargetType: "user"}, isAdmin)
	}
	if scope := s.tenant.SSPREnabled; scope != "" && scope != "all" && scope != "none" {
		s.markAll(Target{ID: scope}, maySSPR)
	}
	sms := s.tenant.configurations()[1]
	for _, t := range sms.IncludeTargets {
		if t.IsUsableForSignIn && sms.State != "disabled" {
			s.markAll(t, signsIn)
		}
	}
	for _, t := range sms.ExcludeTargets {
		s.unmarkAll(t, signsIn)
	}
	for _, p := range s.people.all() {
		s.markEveryones(p)
		s.signIn(p, "", p.phones[mobile].value)
	}
}

// markEveryones decides whether the person may reset a password. The
// administrators' policy does not ask who is in scope (learn.microsoft.com,
// "Self-service password reset policies").
func (s *Server) markEveryones(p *person) {
	may := p.marks&maySSPR != 0 || s.tenant.SSPREnabled == "" || s.tenant.SSPREnabled == "all"
	if p.marks&isAdmin != 0 {
		may = s.tenant.adminsMayReset()
	}
	if p.marks &^= maySSPR; may {
		p.marks |= maySSPR
	}
}

// markNewcomer marks somebody who is in no group yet.
func (s *Server) markNewcomer(p *person) {
	s.markEveryones(p)
	sms := s.tenant.configurations()[1]
	for _, t := range sms.IncludeTargets {
		if t.ID == allUsers && t.IsUsableForSignIn && sms.State != "disabled" {
			p.marks |= signsIn
		}
	}
	for _, t := range sms.ExcludeTargets {
		if t.ID == allUsers {
			p.marks &^= signsIn
		}
	}
	s.signIn(p, "", p.phones[mobile].value)
}

func (s *Server) markAll(t Target, m marks) {
	for _, p := range s.targeted(t) {
		p.marks |= m
	}
}

func (s *Server) unmarkAll(t Target, m marks) {
	for _, p := range s.targeted(t) {
		p.marks &^= m
	}
}

// targeted is whom a target is for.
func (s *Server) targeted(t Target) []*person {
	if t.TargetType == "user" {
		if p := s.people.find(t.ID); p != nil {
			return []*person{p}
		}
		return nil
	}
	if t.ID == allUsers {
		return s.people.all()
	}
	if g := s.groups[fold(t.ID)]; g != nil {
		people, _ := g.within()
		return people
	}
	return nil
}
