// Package graphsim is an in-memory Microsoft Graph v1.0: the directory's users
// and their phone and e-mail authentication methods, as an [http.Handler].
//
// It promises to refuse what Graph refuses, in Graph's wire format, and never
// to be more lenient than Microsoft's pages are. Where the service's answer is
// not documented it gives the strictest plausible one, and the comment there
// says "unverified". It also promises to keep count ([Server.Stats]) and to
// break on demand: one operation at a time as the caller decides
// ([Options.Fault]), or by itself and the same in every run ([Options.Levers]).
//
// Levers model throttling, with Retry-After in all its forms; failures before
// and after the effect; connections that are cut, answers that break off, leave
// items out or are not Graph's; slow requests; reads that lag behind writes;
// tokens that run out and permissions that are taken away; people who change
// their own number; and the forms that a batch's answer takes. Without a lever
// none of it happens.
//
// It never opens a connection, never writes a file and never logs. It imports
// the standard library only, so that a client of Graph and this simulator
// cannot share a mistake. Anybody may use it: tests, a sandbox command, a
// rehearsal.
//
// Beside people it serves what a client wants to know before it writes: groups,
// roles, the registration report, the tenant's policies, domains and licences,
// all as the [Tenant] says.
//
// Not modelled: which method is a person's default, what the role of a person
// who is signed in permits, the service's own limits, which are not known, and
// the cost of an operation, which is one for each. What they lead to can be had
// from a [Fault].
package graphsim

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options says which tenant is served and how.
type Options struct {
	// Tenant is the state to start from; it is copied. Required.
	Tenant *Tenant

	// Cloud decides which operations exist: "" or "global", "usgov" and "dod"
	// have all of them, "china" has neither emailMethods nor
	// /authentication/methods (learn.microsoft.com, emailAuthenticationMethod
	// and authentication resources, national cloud tables).
	Cloud string

	// Permissions are the application permissions the caller's token holds.
	// Nil holds everything, an empty list nothing.
	Permissions []string

	// Token is the one bearer token that is accepted. When it is empty any
	// token is; none at all is a 401 always.
	Token string

	// PageLimit caps the size of a page, so that paging shows with few users.
	// 0 leaves Graph's own: 100 unless $top says otherwise, 999 at most.
	PageLimit int

	// Latency is how long every HTTP request waits before it takes effect. A
	// caller who goes away while waiting has changed nothing.
	Latency time.Duration

	// Fault is asked once before every HTTP request, a batch included, and
	// once before every item of a batch that is attempted. Nil means that all
	// goes well. It is called from as many goroutines as there are requests,
	// and what blocks in it blocks the request.
	Fault func(Call) *Fault

	// Observe is told the status of every request and item, just before the
	// answer leaves; the items of a batch come first, in the order they were
	// sent, then the batch. A request that is cut has no answer and is not
	// told. Like Fault it is called from many goroutines.
	Observe func(Call, int)

	// Levers says what goes wrong by itself; the zero value is nothing.
	Levers Levers

	// Now dates createdDateTime and errors and is the levers' clock; nil is
	// time.Now.
	Now func() time.Time
}

// Call describes one operation to the levers.
type Call struct {
	Method          string
	Path            string // below /v1.0, decoded, with the query
	User            string // whom the path names: the object id where known, else as sent
	Batched         bool   // an item of a batch
	ClientRequestID string // the item's own, else the batch's
}

// Fault is what goes wrong with one operation.
type Fault struct {
	// Status is answered, 500 when it is 0.
	Status int
	// Code and Message fill the error; when empty they are what Graph says
	// with that status.
	Code, Message string
	// Header is added to the answer, or to the item's headers: Retry-After.
	Header http.Header
	// After lets the operation take effect first.
	After bool
	// Cut closes the connection instead of answering. Of a batch the items
	// before the cut one have taken effect and those behind it have not.
	Cut bool
	// HTML answers with a web page as a proxy would, instead of Graph's error,
	// and with status 200 instead of what was asked for.
	HTML bool
	// Truncate lets the operation take effect and ends the body of the HTTP
	// answer in the middle; of an item, that of its batch. Nothing else of the
	// fault counts. An answer without a body is cut.
	Truncate bool
	// Missing leaves the item out of its batch's answer. A request sent alone
	// is cut.
	Missing bool
}

// Server is the simulator. It is safe for concurrent use.
type Server struct {
	options  Options
	people   *directory
	tenant   Tenant            // without its users
	groups   map[string]*group // by folded id
	inOrder  []*group
	report   report
	signIns  signIns
	joined   atomic.Int64 // by the lever
	pageKey  [32]byte     // signs page tokens
	requests atomic.Uint64
	stats    counters

	held       atomic.Pointer[map[string]bool] // permissions; nil holds everything
	revoking   sync.Mutex
	everything bool // was held once; under revoking
	operations atomic.Int64

	bucket         bucket
	waits          waits
	tokens         tokens
	mishaps, trips []share
	chancy         bool // something of a round trip is left to chance
	attempts       attempts
}

// New makes a simulator of a copy of the tenant. It fails when the tenant
// could not exist, in the words of [Load], when the cloud is unknown, or in the
// words of [Levers.Check].
func New(options Options) (*Server, error) {
	if options.Tenant == nil {
		return nil, errors.New("no tenant to serve")
	}
	if err := options.Tenant.check(); err != nil {
		return nil, fmt.Errorf("checking tenant: %w", err)
	}
	switch options.Cloud {
	case "", "global", "usgov", "dod", "china":
	default:
		return nil, fmt.Errorf("unknown cloud %q", options.Cloud)
	}
	if options.PageLimit < 0 {
		return nil, fmt.Errorf("page limit %d is negative", options.PageLimit)
	}
	if err := options.Levers.Check(); err != nil {
		return nil, fmt.Errorf("setting the levers: %w", err)
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	s := &Server{options: options, people: newDirectory(options.Tenant.Users), tenant: options.Tenant.withoutUsers()}
	s.groups, s.inOrder = resolve(s.tenant.Groups, s.people)
	s.mark()
	if options.Permissions != nil {
		held := make(map[string]bool, len(options.Permissions))
		for _, p := range options.Permissions {
			held[p] = true
		}
		s.held.Store(&held)
	}
	_, _ = rand.Read(s.pageKey[:]) // never fails, says crypto/rand
	s.options.Tenant = nil         // the copy is the truth from here on
	s.options.Levers.Revoke = slices.Clone(options.Levers.Revoke)
	s.mishaps, s.trips = options.Levers.Faults.arm()
	s.chancy = len(s.trips) > 0 || options.Levers.Slow.Share > 0 || options.Levers.Form.Shuffle
	s.SetRate(options.Levers.Throttle.Rate)
	s.shows()
	return s, nil
}

// Tenant gives a deep copy of the state as it is now. Every person is copied
// at one moment, the tenant as a whole is not. A person's phones come in the
// order mobile, alternateMobile, office.
func (s *Server) Tenant() *Tenant {
	t := s.tenant.withoutUsers()
	all := s.people.all()
	if len(all) > 0 {
		t.Users = make([]User, 0, len(all))
	}
	for _, p := range all {
		if !p.gone.Load() {
			t.Users = append(t.Users, p.snapshot())
		}
	}
	s.withoutThoseWhoLeft(&t)
	return &t
}

// fault asks the lever.
func (s *Server) fault(call Call) *Fault {
	if s.options.Fault == nil {
		return nil
	}
	return s.options.Fault(call)
}

// answered counts one answer and tells the observer.
func (s *Server) answered(rq *request, rep *reply) {
	s.stats.count(rq, rep)
	if rep.header != nil {
		s.tell(rep)
	}
	if s.options.Observe != nil {
		s.options.Observe(rq.call, rep.status)
	}
}

// requestID makes the id of one answer. Graph's are random; counted ones keep
// a run reproducible.
func (s *Server) requestID() string {
	const hex = "0123456789abcdef"
	id := []byte("00000000-0000-4000-8000-000000000000")
	for n, i := s.requests.Add(1), len(id)-1; n > 0 && i > 23; n, i = n>>4, i-1 {
		id[i] = hex[n&15]
	}
	return string(id)
}
