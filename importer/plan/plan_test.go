package plan_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// The tests speak in one line a person: "mobile=1 email=a" where a phone is the
// last digits of a fictional number, "clear" a removal and a trailing "f" a
// fixed line.
func value(kind authmethod.Kind, short string) authmethod.Value {
	switch {
	case short == "":
		return authmethod.Value{}
	case kind == authmethod.Email:
		return authmethod.ValueOf(short + "@example.com")
	}
	number, extension, _ := strings.Cut(short, "x")
	text := fmt.Sprintf("+44 77009%05s", number)
	if extension != "" {
		text += "x" + extension
	}
	return authmethod.ValueOf(text)
}

func each(t *testing.T, line string, do func(kind authmethod.Kind, short string)) {
	t.Helper()
	for _, field := range strings.Fields(line) {
		name, short, _ := strings.Cut(field, "=")
		kind, err := authmethod.ParseKind(name)
		if err != nil {
			t.Fatal(err)
		}
		do(kind, short)
	}
}

func wishes(t *testing.T, line string) (w authmethod.Wishes) {
	each(t, line, func(kind authmethod.Kind, short string) {
		if short == "clear" {
			w[kind].Clear = true
			return
		}
		w[kind].Fixed = strings.HasSuffix(short, "f")
		w[kind].Value = value(kind, strings.TrimSuffix(short, "f"))
	})
	return w
}

func set(t *testing.T, line string) (s authmethod.Set) {
	each(t, line, func(kind authmethod.Kind, short string) { s[kind] = value(kind, short) })
	return s
}

func short(kind authmethod.Kind, v authmethod.Value) string {
	text := v.Reveal()
	if kind == authmethod.Email {
		return strings.TrimSuffix(text, "@example.com")
	}
	return strings.TrimLeft(strings.TrimPrefix(text, "+44 77009"), "0")
}

// printed is a plan as a reviewer would say it.
func printed(p *plan.Plan) []string {
	var lines []string
	for _, c := range p.Changes {
		line := fmt.Sprintf("%s %s", c.Action, c.Method)
		switch c.Action {
		case plan.Create:
			line += " " + short(c.Method, c.After)
		case plan.Update:
			line += fmt.Sprintf(" %s→%s", short(c.Method, c.Before), short(c.Method, c.After))
		case plan.Delete:
			line += " " + short(c.Method, c.Before)
		}
		for _, h := range c.Hazards {
			line += " !" + string(h)
		}
		if c.HeldBack {
			line += " held"
		}
		lines = append(lines, line)
	}
	for _, s := range p.Skipped {
		lines = append(lines, fmt.Sprintf("skip %s %s", s.Method, s.Reason))
	}
	for _, kind := range authmethod.Kinds() {
		if n := p.Unchanged[kind]; n > 0 {
			lines = append(lines, fmt.Sprintf("%s unchanged", kind))
		}
	}
	return lines
}

func input(desired ...plan.Desired) plan.Input {
	in := plan.Input{
		About: plan.About{
			ToolVersion: "test", ID: "plan", CreatedAt: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC),
			ValidUntil: time.Date(2026, 11, 4, 9, 0, 0, 0, time.UTC),
			Tenant:     plan.Tenant{ID: "tenant", Name: "Contoso", Cloud: "global"},
		},
		Desired: desired, Current: map[string]authmethod.Set{},
	}
	for _, kind := range authmethod.Kinds() {
		in.Policy.Rules[kind] = plan.Fill
	}
	return in
}

func person(n int, w authmethod.Wishes) plan.Desired {
	id := fmt.Sprintf("id%04d", n)
	return plan.Desired{
		User:   authmethod.User{ID: id, UserPrincipalName: fmt.Sprintf("person%04d@contoso.example", n), DisplayName: "Person"},
		Wishes: w, Origin: plan.Origin{File: "hr.csv", Line: n + 2},
	}
}

func TestBuild(t *testing.T) {
	for _, tc := range []struct {
		name, want, have, policy, allow string
		printed                         []string
	}{
		{name: "nothing asked", have: "mobile=1"},
		{name: "nothing there", want: "mobile=1 email=a", printed: []string{"create mobile 1", "create email a"}},
		{name: "written in order", want: "alternateMobile=2 email=a office=3 mobile=1",
			printed: []string{"create mobile 1", "create office 3", "create email a", "create alternateMobile 2"}},
		{name: "there already", want: "mobile=1", have: "mobile=1", printed: []string{"mobile unchanged"}},
		{name: "fill keeps", want: "mobile=1", have: "mobile=2", printed: []string{"skip mobile kept-existing"}},
		{name: "replace is held back", want: "mobile=1", have: "mobile=2", policy: "replace",
			printed: []string{"update mobile 2→1 !replaces-registered held"}},
		{name: "replace, allowed", want: "mobile=1", have: "mobile=2", policy: "replace", allow: "replaces-registered",
			printed: []string{"update mobile 2→1 !replaces-registered"}},
		{name: "replace of the same", want: "email=a", have: "email=A", policy: "replace", printed: []string{"email unchanged"}},
		{name: "clear is held back", want: "email=clear", have: "email=a", printed: []string{"delete email a !removes-method held"}},
		{name: "clear, allowed", want: "email=clear", have: "email=a", allow: "removes-method", printed: []string{"delete email a !removes-method"}},
		{name: "clear of nothing", want: "email=clear", printed: []string{"email unchanged"}},
		{name: "both removed, alternate first", want: "mobile=clear alternateMobile=clear", have: "mobile=1 alternateMobile=2", allow: "removes-method",
			printed: []string{"delete alternateMobile 2 !removes-method", "delete mobile 1 !removes-method"}},
		{name: "adding goes before removing", want: "mobile=clear email=a", have: "mobile=1", allow: "removes-method",
			printed: []string{"create email a", "delete mobile 1 !removes-method"}},
		{name: "alternate without a mobile", want: "alternateMobile=2", printed: []string{"skip alternateMobile mobile-missing"}},
		{name: "alternate beside a mobile", want: "alternateMobile=2", have: "mobile=1", printed: []string{"create alternateMobile 2"}},
		{name: "mobile under an alternate", want: "mobile=clear", have: "mobile=1 alternateMobile=2", allow: "removes-method",
			printed: []string{"skip mobile mobile-missing"}},
		{name: "alternate of a mobile that goes", want: "mobile=clear alternateMobile=2", have: "mobile=1", allow: "removes-method",
			printed: []string{"delete mobile 1 !removes-method", "skip alternateMobile mobile-missing"}},
		{name: "alternate of a mobile that is held back from going", want: "mobile=clear alternateMobile=2", have: "mobile=1",
			printed: []string{"create alternateMobile 2", "delete mobile 1 !removes-method held"}},
		{name: "fixed line as mobile", want: "mobile=1f", printed: []string{"create mobile 1 !not-a-mobile held"}},
		{name: "fixed line at the office", want: "office=1f", printed: []string{"create office 1"}},
		{name: "alternate of a mobile that is held back", want: "mobile=1f alternateMobile=2",
			printed: []string{"create mobile 1 !not-a-mobile held", "skip alternateMobile mobile-missing"}},
		{name: "one hazard allowed of two", want: "mobile=1f", have: "mobile=2", policy: "replace", allow: "not-a-mobile",
			printed: []string{"update mobile 2→1 !replaces-registered !not-a-mobile held"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := input(person(0, wishes(t, tc.want)))
			in.Current["id0000"] = set(t, tc.have)
			if tc.policy != "" {
				for _, kind := range authmethod.Kinds() {
					in.Policy.Rules[kind] = plan.Rule(tc.policy)
				}
			}
			if tc.allow != "" {
				in.Policy.Allow = []plan.Hazard{plan.Hazard(tc.allow)}
			}
			if diff := cmp.Diff(tc.printed, printed(plan.Build(in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSharedNumber(t *testing.T) {
	p := plan.Build(input(
		person(0, wishes(t, "mobile=1 office=1")),
		person(1, wishes(t, "mobile=1")),
		person(2, wishes(t, "mobile=2 office=2 email=a")),
		person(3, wishes(t, "email=A")),
	))
	want := []string{
		"create mobile 1 !shared-number held", "create office 1 !shared-number held",
		"create mobile 1 !shared-number held",
		"create mobile 2", "create office 2", "create email a !shared-number held",
		"create email A !shared-number held",
	}
	if diff := cmp.Diff(want, printed(p)); diff != "" {
		t.Error(diff)
	}
	if p.Summary.Hazards[plan.SharedNumber] != 5 || p.Summary.HeldBack != 5 || p.Summary.Creates != 2 || p.Summary.People != 1 {
		t.Errorf("summary %+v", p.Summary)
	}
}

func TestUnsupported(t *testing.T) {
	in := input(person(0, wishes(t, "mobile=1 email=a")))
	in.Unsupported[authmethod.Email] = true
	want := []string{"create mobile 1", "skip email unsupported-in-cloud"}
	if diff := cmp.Diff(want, printed(plan.Build(in))); diff != "" {
		t.Error(diff)
	}
}

func TestNotes(t *testing.T) {
	p := plan.Build(input(person(0, wishes(t, "mobile=1 office=2x34 alternateMobile=3"))))
	var notes []string
	for _, c := range p.Changes {
		notes = append(notes, c.Note)
	}
	if diff := cmp.Diff([]string{"", plan.ExtensionDroppedOnReset, plan.NotForReset}, notes); diff != "" {
		t.Error(diff)
	}
}

// random makes a file and a tenant of n people from a small pool of values, so
// that everything meets everything.
func random(t *testing.T, seed uint64, n int) plan.Input {
	r := rand.New(rand.NewPCG(seed, 1))
	in := input()
	pool := []string{"", "", "1", "2", "clear", "3f"}
	for i := range n {
		var w, have []string
		for _, kind := range authmethod.Kinds() {
			if short := pool[r.IntN(len(pool))]; short != "" {
				if short != "clear" && r.IntN(2) == 0 {
					short = fmt.Sprint(100 + 4*i + int(kind)) // nobody else's
				}
				w = append(w, kind.String()+"="+short)
			}
			if r.IntN(2) == 0 {
				have = append(have, fmt.Sprintf("%s=%d", kind, 1+r.IntN(2)))
			}
		}
		in.Desired = append(in.Desired, person(i, wishes(t, strings.Join(w, " "))))
		current := set(t, strings.Join(have, " "))
		if current[authmethod.Mobile].IsZero() {
			current[authmethod.AlternateMobile] = authmethod.Value{}
		}
		in.Current[fmt.Sprintf("id%04d", i)] = current
	}
	for _, kind := range authmethod.Kinds() {
		in.Policy.Rules[kind] = []plan.Rule{plan.Fill, plan.Replace}[r.IntN(2)]
	}
	for _, h := range plan.Hazards() {
		switch r.IntN(3) {
		case 0:
			in.Policy.Allow = append(in.Policy.Allow, h.Hazard)
		case 1:
			a := plan.Allowance{Hazard: h.Hazard}
			for range n {
				a.People = append(a.People, fmt.Sprintf("id%04d", r.IntN(n)))
			}
			in.Policy.AllowFor = append(in.Policy.AllowFor, a)
		}
	}
	in.Facts = randomFacts(r, n)
	return in
}

func randomFacts(r *rand.Rand, n int) plan.Facts {
	if r.IntN(3) == 0 {
		return plan.Facts{}
	}
	f := plan.Facts{
		VerifiedDomains: []string{[]string{"contoso.example", "Example.com"}[r.IntN(2)]}, SignedIn: "app",
		Privileged: map[string]string{}, SMSSignIn: &plan.SMSSignIn{Everybody: r.IntN(2) == 0, InScope: map[string]bool{}, Names: map[string]string{}},
		Forbidden: map[authmethod.Kind]plan.Ban{},
	}
	for range n / 3 {
		f.Privileged[fmt.Sprintf("id%04d", r.IntN(n))] = "a role"
		f.SMSSignIn.InScope[fmt.Sprintf("id%04d", r.IntN(n))] = true
		f.SMSSignIn.Names[value(authmethod.Mobile, fmt.Sprint(r.IntN(4*n))).Folded()] = fmt.Sprintf("id%04d", r.IntN(n))
	}
	if r.IntN(4) == 0 {
		f.Forbidden[authmethod.Office] = plan.Ban{Why: "office phones are off"}
	}
	return f
}

// carryOut applies pending changes to a copy of the tenant and fails where
// Graph would refuse one.
func carryOut(t *testing.T, current map[string]authmethod.Set, changes []plan.Change) map[string]authmethod.Set {
	t.Helper()
	after := map[string]authmethod.Set{}
	for id, s := range current {
		after[id] = s
	}
	for _, c := range changes {
		s := after[c.User.ID]
		if !s[c.Method].Equal(c.Before) {
			t.Fatalf("%s %s: before is not what is registered", c.Action, c.Method)
		}
		s[c.Method] = c.After
		if !s[authmethod.AlternateMobile].IsZero() && s[authmethod.Mobile].IsZero() {
			t.Fatalf("%s %s leaves an alternate mobile without a mobile", c.Action, c.Method)
		}
		after[c.User.ID] = s
	}
	return after
}

func TestProperties(t *testing.T) {
	for seed := range uint64(200) {
		in := random(t, seed, 25)
		first := plan.Build(in)

		shuffled := in
		shuffled.Desired = slices.Clone(in.Desired)
		rand.New(rand.NewPCG(seed, 2)).Shuffle(len(shuffled.Desired), func(i, j int) {
			shuffled.Desired[i], shuffled.Desired[j] = shuffled.Desired[j], shuffled.Desired[i]
		})
		slices.Reverse(shuffled.Policy.AllowFor)
		if again := plan.Build(shuffled); again.Digest != first.Digest {
			t.Fatalf("seed %d: the order of the input matters", seed)
		}

		after := in
		after.Current = carryOut(t, in.Current, first.Pending())
		if counted := plan.Build(after).Coverage.Before; counted != first.Coverage.After {
			t.Fatalf("seed %d: coverage after is %+v, a second plan finds %+v", seed, first.Coverage.After, counted)
		}
		if second := plan.Build(after); second.Summary.Pending() != 0 {
			t.Fatalf("seed %d: a second plan is not empty: %v", seed, printed(second))
		}

		// The other way round gives back what was there, in an order that Graph
		// would take.
		back := input()
		back.Policy.Allow = []plan.Hazard{plan.ReplacesRegistered, plan.RemovesMethod, plan.SharedNumber}
		for _, kind := range authmethod.Kinds() {
			back.Policy.Rules[kind] = plan.Replace
		}
		for _, d := range in.Desired {
			var w authmethod.Wishes
			for _, kind := range authmethod.Kinds() {
				before := in.Current[d.User.ID][kind]
				w[kind] = authmethod.Wish{Value: before, Clear: before.IsZero()}
			}
			back.Desired = append(back.Desired, plan.Desired{User: d.User, Wishes: w})
		}
		back.Current = after.Current
		restored := carryOut(t, after.Current, plan.Build(back).Pending())
		for id, s := range in.Current {
			for kind, v := range s {
				if !restored[id][kind].Equal(v) {
					t.Fatalf("seed %d: %s of %s is not given back", seed, authmethod.Kind(kind), id)
				}
			}
		}
	}
}

func encoded(t *testing.T, p *plan.Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := plan.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDocument(t *testing.T) {
	in := random(t, 7, 25)
	in.Rows = plan.Rows{Read: 30, Used: 25, LeftOut: map[authmethod.Reason]int{authmethod.NoMatch: 5}}
	in.Source.Name = "<hr> & \u2028 co.csv"
	in.Skipped = []plan.Skip{{Origin: plan.Origin{File: "hr.csv", Line: 3}, Reason: authmethod.NoMatch, Detail: "nobody"}}
	p := plan.Build(in)
	text := encoded(t, p)
	back, err := plan.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if again := encoded(t, back); !bytes.Equal(text, again) {
		t.Error("a plan that was read is written differently")
	}

	var masked bytes.Buffer
	if err := plan.EncodeMasked(&masked, p); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(masked.String(), "77009") {
		t.Error("the masked document shows a number")
	}
	if _, err := plan.Decode(&masked); err == nil || !strings.Contains(err.Error(), "masked view") {
		t.Errorf("a masked document was taken: %v", err)
	}
}

// The digest is over the canonical document, so others can compute it: this one
// was computed with another program (jq -cS 'del(.digest)' | tr -d "\n" | sha256sum).
func TestDigestIsCanonicalJSON(t *testing.T) {
	p := plan.Build(input(person(0, wishes(t, "mobile=1"))))
	const want = "bfde005f39e599c06281ae10c6f424b3f1a9642ae0dc5f913d0890ffccab0d2c"
	if p.Digest != want {
		t.Errorf("digest %s", p.Digest)
	}
}

func TestDecodeRefuses(t *testing.T) {
	whole := string(encoded(t, plan.Build(input(person(0, wishes(t, "mobile=1")), person(1, wishes(t, "email=a"))))))
	for name, tc := range map[string]struct{ text, want string }{
		"empty":         {"", "the plan is empty"},
		"cut off":       {whole[:len(whole)/2], "the plan is cut off after"},
		"cut at end":    {whole[:len(whole)-3], "the plan is cut off after"},
		"a table":       {"a,b\n1,2\n", "not a plan"},
		"another JSON":  {`{"users": []}`, "it has no format_version"},
		"newer":         {strings.Replace(whole, `"format_version": 1`, `"format_version": 2`, 1), "format_version 2, this authseed reads 1"},
		"unknown":       {strings.Replace(whole, `"plan_id"`, `"color": "red", "plan_id"`, 1), `unknown field "color"`},
		"value edited":  {strings.Replace(whole, "7700900001", "7700900002", 1), "the plan was changed after it was made"},
		"person edited": {strings.Replace(whole, "id0001", "id0002", 1), "the plan was changed after it was made"},
		"no after":      {strings.Replace(whole, `"after":"+44 7700900001"`, `"after":null`, 1), "does not go with its before and after"},
		"two documents": {whole + whole, "not a plan"},
		"two lists":     {strings.Replace(whole, `"skipped": [`, `"changes": [], "skipped": [`, 1), "changes: not one list"},
		"no list":       {strings.Replace(whole, `"skipped": []`, `"skipped": 7`, 1), "skipped: not one list"},
		"odd in change": {strings.Replace(whole, `"action"`, `"color": "red", "action"`, 1), `changes: unknown field "color"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := plan.Decode(strings.NewReader(tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "77009") {
				t.Errorf("the error shows a value: %v", err)
			}
		})
	}
}

// Every byte of a plan is covered: changing one either leaves the same plan
// (white space) or is refused.
func TestEveryByteCounts(t *testing.T) {
	p := plan.Build(input(person(0, wishes(t, "mobile=1 email=a"))))
	text := encoded(t, p)
	for i := range text {
		edited := slices.Clone(text)
		edited[i] ^= 1
		if back, err := plan.Decode(bytes.NewReader(edited)); err == nil && !bytes.Equal(encoded(t, back), text) {
			t.Fatalf("byte %d (%q) was changed unseen", i, text[max(0, i-10):min(len(text), i+10)])
		}
	}
}

func FuzzDecode(f *testing.F) {
	p := plan.Build(input())
	var b bytes.Buffer
	if err := plan.Encode(&b, p); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"format_version":1,"changes":[{}],"digest":""}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := plan.Decode(bytes.NewReader(text))
		if (p == nil) == (err == nil) {
			t.Fatal("neither a plan nor an error")
		}
	})
}

func BenchmarkBuild(b *testing.B) {
	in := input()
	for i := range 100_000 {
		var w authmethod.Wishes
		w[authmethod.Mobile].Value = authmethod.ValueOf(fmt.Sprintf("+44 7700%06d", i))
		w[authmethod.Email].Value = authmethod.ValueOf(fmt.Sprintf("p%d@example.com", i))
		in.Desired = append(in.Desired, person(i, w))
	}
	for b.Loop() {
		if p := plan.Build(in); p.Summary.Creates != 200_000 {
			b.Fatal(p.Summary)
		}
	}
}
