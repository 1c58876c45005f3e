package readiness

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"authseed/mapping/authmethod"
	"authseed/mapping/country"
)

// Registered is somebody's line of the registration report.
type Registered struct {
	Enabled    bool // the tenant's policy lets the person reset a password
	Registered bool // has as many methods as the tenant requires, the report says
	Admin      bool
	Has        [authmethod.Count]bool
	App        bool // an authenticator app
	Questions  bool // security questions
}

// TakeOther makes note of a method of another kind, as the report spells it. Of
// those that reset a password too, an app counts once, however it is used, and
// questions never for an administrator (learn.microsoft.com, "How it works:
// Microsoft Entra self-service password reset").
func (r *Registered) TakeOther(method string) {
	switch method {
	case "microsoftAuthenticatorPush", "microsoftAuthenticatorPasswordless", "softwareOneTimePasscode":
		r.App = true
	case "securityQuestion", "securityQuestions":
		r.Questions = true
	}
}

// methods counts what resets a password.
func (r Registered) methods() int {
	n := 0
	for _, kind := range authmethod.Kinds() {
		if resets(kind) && r.Has[kind] {
			n++
		}
	}
	if r.App {
		n++
	}
	if r.Questions && !r.Admin {
		n++
	}
	return n
}

// Requirement finds out how many methods a tenant requires, which Graph does not
// tell: by those who have one, and are registered or not. The zero value is
// ready.
type Requirement struct{ enough, tooFew int }

// Add takes somebody's line into account. Of an administrator two are required
// everywhere.
func (r *Requirement) Add(one Registered) {
	switch {
	case !one.Enabled || one.Admin || one.methods() != 1:
	case one.Registered:
		r.enough++
	default:
		r.tooFew++
	}
}

// Methods is 1 or 2, or 0 where nobody's line tells.
func (r *Requirement) Methods() int {
	switch {
	case r.enough == 0 && r.tooFew == 0:
		return 0
	case r.tooFew > r.enough: // a line or two may be hours old
		return 2
	}
	return 1
}

// Person is somebody as far as coverage goes.
type Person struct {
	Guest, Disabled, Synced bool
	Country, Location       string // as the directory has them; Location is ISO 3166 alpha-2
	Department              string
	Line                    *Registered // nil: not in the report
	Planned                 []Step
}

// Step is a change a plan would make.
type Step struct {
	Method authmethod.Kind
	Has    bool // afterwards
}

// Figures count people. All but After are as of the report.
type Figures struct {
	People     int `json:"people"`
	Enabled    int `json:"enabled"`    // the policy lets them reset
	Registered int `json:"registered"` // have as many methods as are required
	Capable    int `json:"capable"`    // both, and no directory in the way
	After      struct {
		Registered int `json:"registered"`
		Capable    int `json:"capable"`
	} `json:"after"`
}

// Group is people who have something in common. An empty name is those of whom
// it is not known.
type Group struct {
	Name string
	Figures
}

// Obstacle is why people cannot reset a password.
type Obstacle string

// The obstacles. Of several that stand before one person the first counts: what
// has to be done first.
const (
	NotInReport   Obstacle = "not-in-report"
	NotEnabled    Obstacle = "not-enabled"
	NoMethod      Obstacle = "no-method"
	OnlyAlternate Obstacle = "only-alternate"
	AdminTwoGate  Obstacle = "admin-two-gate"
	SecondMethod  Obstacle = "second-method"
	NotAccepted   Obstacle = "not-accepted"
	NoWriteback   Obstacle = "no-writeback"
)

// ObstacleMeaning is an obstacle and what it means.
type ObstacleMeaning struct {
	Obstacle Obstacle
	Meaning  string
}

// Obstacles lists every obstacle, in the order of their weight.
func Obstacles() []ObstacleMeaning {
	return []ObstacleMeaning{
		{NotInReport, "not in the registration report, which is hours old"},
		{NotEnabled, "password reset is not enabled for them"},
		{NoMethod, "no method registered"},
		{OnlyAlternate, "an alternate mobile alone, which does not reset"},
		{AdminTwoGate, "administrators, who always need two methods"},
		{SecondMethod, "one method, and two are required"},
		{NotAccepted, "have enough methods, and the tenant does not take them"},
		{NoWriteback, "synchronised, without password writeback"},
	}
}

// Count is how many people an obstacle stops, today and after the plan.
type Count struct {
	ObstacleMeaning
	Before, After int
}

// Coverage is how many people could reset a password.
type Coverage struct {
	Tenant      Tenant
	Cloud       string
	ReportedAt  time.Time // when the report was made; the zero time where it is empty
	Required    int       // methods, 1 or 2
	Assumed     string    // how Required is known: "given", "told" by the report, or "assumed"
	Writeback   Answer[bool]
	PlanID      string // empty: no plan, and what is after is what is before
	Total       Figures
	Kinds       []Group // members and guests
	Countries   []Group // by ISO 3166 alpha-2 where the directory's text can be read, largest first
	Departments []Group // largest first
	Obstacles   []Count // those that stop somebody, in the order of [Obstacles]
	Disabled    int     // people who cannot sign in, and are in no other count
	Synced      int     // people from an on-premises directory
}

// Census counts people one by one.
type Census struct {
	c           Coverage
	exact       bool // count methods rather than believe the report
	kinds       map[string]*Group
	countries   map[string]*Group
	departments map[string]*Group
	stops       map[Obstacle]*Count
	byCountry   map[string]string // the directory's text to its code
}

// Begin starts a census. require is how many methods are asked for, 0 for as
// many as the tenant seems to require; about has all that is not counted.
func Begin(about Coverage, require int, seems Requirement) *Census {
	c := &Census{c: about, exact: require > 0, kinds: map[string]*Group{}, countries: map[string]*Group{}, departments: map[string]*Group{},
		stops: map[Obstacle]*Count{}, byCountry: map[string]string{}}
	switch told := seems.Methods(); {
	case require > 0:
		c.c.Required, c.c.Assumed = require, "given"
	case told > 0:
		c.c.Required, c.c.Assumed = told, "told"
	default:
		c.c.Required, c.c.Assumed = 1, "assumed"
	}
	return c
}

// Add counts one person.
func (c *Census) Add(p Person) {
	if p.Disabled {
		c.c.Disabled++
		return
	}
	if p.Synced {
		c.c.Synced++
	}
	var f Figures
	f.People = 1
	if p.Line != nil && p.Line.Enabled {
		f.Enabled = 1
	}
	registered, stop := c.judge(p, p.Line, false)
	after, stopAfter := registered, stop
	if line, changed := p.after(); changed {
		after, stopAfter = c.judge(p, line, true)
	}
	f.Registered, f.After.Registered = one(registered), one(after)
	f.Capable, f.After.Capable = one(stop == ""), one(stopAfter == "")
	if stop != "" {
		c.stop(stop).Before++
	}
	if stopAfter != "" {
		c.stop(stopAfter).After++
	}
	kind := "member"
	if p.Guest {
		kind = "guest"
	}
	c.c.Total.add(f)
	groupOf(c.kinds, kind).add(f)
	groupOf(c.countries, c.countryOf(p)).add(f)
	groupOf(c.departments, strings.TrimSpace(p.Department)).add(f)
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// after is the person's line when the plan was applied, if that moves anything.
func (p Person) after() (*Registered, bool) {
	if p.Line == nil {
		return nil, false
	}
	line := *p.Line
	for _, s := range p.Planned {
		line.Has[s.Method] = s.Has
	}
	return &line, line.Has != p.Line.Has
}

// judge says whether somebody has as many methods as needed, and what is in the
// way. What the report says holds until a plan moves the person or somebody asks
// for a number of methods of their own.
func (c *Census) judge(p Person, line *Registered, moved bool) (registered bool, stop Obstacle) {
	if line == nil {
		return false, NotInReport
	}
	n, need := line.methods(), c.c.Required
	if line.Admin {
		need = 2
	}
	registered = line.Registered
	if moved || c.exact {
		registered = n >= need
	}
	return registered, c.obstacle(p, line, registered, n, need)
}

func (c *Census) obstacle(p Person, line *Registered, registered bool, n, need int) Obstacle {
	switch {
	case !line.Enabled:
		return NotEnabled
	case registered && p.Synced && c.c.Writeback.Known && !c.c.Writeback.Value:
		return NoWriteback
	case registered:
		return ""
	case n == 0 && line.Has[authmethod.AlternateMobile]:
		return OnlyAlternate
	case n == 0:
		return NoMethod
	case line.Admin && n < need:
		return AdminTwoGate
	case n < need:
		return SecondMethod
	}
	return NotAccepted
}

func (c *Census) stop(o Obstacle) *Count {
	if c.stops[o] == nil {
		c.stops[o] = &Count{}
	}
	return c.stops[o]
}

// countryOf reads the country, which the directory keeps as people typed it, and
// takes the place where licences are used where there is none.
func (c *Census) countryOf(p Person) string {
	text := strings.TrimSpace(cmp.Or(strings.TrimSpace(p.Country), p.Location))
	code, seen := c.byCountry[text]
	if !seen {
		var ok bool
		if code, ok = country.Find(text); !ok {
			code = text
		}
		c.byCountry[text] = code
	}
	return code
}

func groupOf(groups map[string]*Group, name string) *Group {
	g := groups[name]
	if g == nil {
		g = &Group{Name: name}
		groups[name] = g
	}
	return g
}

func (f *Figures) add(g Figures) {
	f.People += g.People
	f.Enabled += g.Enabled
	f.Registered += g.Registered
	f.Capable += g.Capable
	f.After.Registered += g.After.Registered
	f.After.Capable += g.After.Capable
}

// Coverage is what was counted.
func (c *Census) Coverage() *Coverage {
	result := c.c
	result.Kinds, result.Countries, result.Departments = sorted(c.kinds), sorted(c.countries), sorted(c.departments)
	for _, m := range Obstacles() {
		if n := c.stops[m.Obstacle]; n != nil {
			result.Obstacles = append(result.Obstacles, Count{m, n.Before, n.After})
		}
	}
	return &result
}

// sorted puts the largest first, and those of whom nothing is known last.
func sorted(groups map[string]*Group) []Group {
	var list []Group
	for _, g := range groups {
		list = append(list, *g)
	}
	slices.SortFunc(list, func(a, b Group) int {
		return cmp.Or(one(a.Name == "")-one(b.Name == ""), b.People-a.People, strings.Compare(a.Name, b.Name))
	})
	return list
}
