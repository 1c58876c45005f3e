package importer_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/plan"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// TestPilot restricts one plan in every way. Nobody is lost: whoever is left out
// is counted, and a number that is shared is shared in a pilot too.
func TestPilot(t *testing.T) {
	const (
		ada  = "directory:1 ada create +1 *** **00 [shared-number]"
		eve  = "directory:5 eve create +1 *** **00 [shared-number]"
		bo   = "directory:2 bo out-of-scope: no value in any mapped column"
		cy   = "directory:3 cy guest: a guest; --include guest plans them too"
		none = "out-of-scope: not "
	)
	for name, c := range map[string]struct {
		scope importer.Scope
		want  []string
	}{
		"a group by name":       {importer.Scope{Group: "Pilot"}, []string{ada, bo, cy, "directory:5 eve " + none + "in the group of --group"}},
		"a group by id":         {importer.Scope{Group: guid(1)}, []string{ada, bo, cy, "directory:5 eve " + none + "in the group of --group"}},
		"a group of nobody's":   {importer.Scope{Group: guid(3)}, []string{"directory:1 ada " + none + "in the group of --group", bo, "directory:3 cy " + none + "in the group of --group", "directory:4 dan " + none + "in the group of --group", "directory:5 eve " + none + "in the group of --group"}},
		"a filter":              {importer.Scope{Filter: "userPrincipalName eq 'eve@contoso.example'"}, []string{eve, "directory:1 ada out-of-scope: --filter leaves them out", bo, "directory:3 cy out-of-scope: --filter leaves them out", "directory:4 dan out-of-scope: --filter leaves them out"}},
		"one by name":           {importer.Scope{Users: []string{"EVE@contoso.example"}}, []string{eve, "directory:1 ada " + none + "one of --user", bo, "directory:3 cy " + none + "one of --user", "directory:4 dan " + none + "one of --user"}},
		"two, one by id":        {importer.Scope{Users: []string{guid(100), "ada@contoso.example"}}, []string{ada, eve, bo, "directory:3 cy " + none + "one of --user", "directory:4 dan " + none + "one of --user"}},
		"the first":             {importer.Scope{Limit: 1}, []string{ada, bo, cy, "directory:4 dan " + none + "one of the first 1 people of --limit", "directory:5 eve " + none + "one of the first 1 people of --limit"}},
		"more than there are":   {importer.Scope{Limit: 9}, []string{ada, eve, bo, cy}},
		"all of it has to hold": {importer.Scope{Group: "Pilot", Users: []string{"eve@contoso.example"}}, []string{"directory:1 ada " + none + "one of --user", bo, "directory:3 cy " + none + "one of --user", "directory:4 dan " + none + "one of --user", "directory:5 eve " + none + "in the group of --group"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: attributed()})
				p := w.mustPlan(importer.FromDirectory(nil), scoped(c.scope))
				wantLines(t, p, c.want...)
				if p.Scope.IsZero() {
					t.Error("the plan does not say that it is a pilot")
				}
			})
		})
	}
}

// TestPilotOfAFile: the same for a file, in the order of its rows.
func TestPilotOfAFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: attributed()})
		content := "userPrincipalName,email\neve@contoso.example,eve@example.com\ncy@contoso.example,cy@example.com\n" +
			"nobody@contoso.example,no@example.com\nada@contoso.example,ada@example.com\nbo@contoso.example,bo@example.com\n"
		p := w.mustPlan(file(mapping.Own(), content), scoped(importer.Scope{Limit: 2}))
		wantLines(t, p,
			"hr.csv:5 ada create a***@example.com []",
			"hr.csv:2 eve create e***@example.com []",
			"hr.csv:3 cy guest: a guest; --include guest plans them too",
			"hr.csv:4  no-match: nobody in the tenant has this userPrincipalName",
			"hr.csv:6 bo out-of-scope: not one of the first 2 people of --limit",
		)
		if run, err := w.apply(t.Context(), p, today); err != nil || run.Counts.Done != 2 {
			t.Fatalf("%v %+v", err, run)
		}
		// The first two are the same people: a second plan is empty.
		if again := w.mustPlan(file(mapping.Own(), content), scoped(importer.Scope{Limit: 2})); again.Summary.Pending() != 0 {
			t.Errorf("%+v", again.Summary)
		}
		var absent []string
		p = w.mustPlan(file(mapping.Own(), content), scoped(importer.Scope{Users: []string{"bo@contoso.example", "Dan@contoso.example"}}),
			func(o *importer.PlanOptions) { o.Absent = func(names []string) { absent = names } })
		if p.Summary.Creates != 1 || !slices.Equal(absent, []string{"Dan@contoso.example"}) || p.Summary.Rows.LeftOut[authmethod.OutOfScope] != 3 {
			t.Errorf("%+v, absent %q", p.Summary, absent)
		}
	})
}

// TestScopeRefused: what the tenant does not understand is said, with the way
// out, and nobody is read for it.
func TestScopeRefused(t *testing.T) {
	for name, c := range map[string]struct {
		scope      importer.Scope
		what, hint string
	}{
		"no group":   {importer.Scope{Group: "pilots"}, `no group of the tenant is called "pilots"`, "object id"},
		"two groups": {importer.Scope{Group: "Twice"}, "2 groups of the tenant are called \"Twice\": " + guid(3) + ", " + guid(4), "the id"},
		"no id":      {importer.Scope{Group: guid(77)}, "no group", "object id"},
		"filter":     {importer.Scope{Filter: "department is Sales"}, "the service refuses --filter: ", "passed as it is"},
		"both":       {importer.Scope{Group: "Pilot", Filter: "nonsense"}, "the service refuses --filter: ", "passed as it is"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, graphsim.Options{Tenant: attributed()})
				_, err := w.plan(importer.FromDirectory(nil), scoped(c.scope))
				var refused *importer.ScopeError
				if !errors.As(err, &refused) || !strings.Contains(refused.What, c.what) || !strings.Contains(refused.Hint, c.hint) {
					t.Errorf("%v", err)
				}
				if trips := w.sim.Stats().RoundTrips; trips > 3 {
					t.Errorf("%d round trips", trips)
				}
			})
		})
	}
}

// TestPilotSeesWhatIsShared: the other one with the number need not be in scope,
// nor in the plan.
func TestPilotSeesWhatIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: attributed()})
		content := "userPrincipalName,mobile\neve@contoso.example,+1 2065550140\nbo@contoso.example,+1 206 555 0140\n"
		p := w.mustPlan(file(mapping.Own(), content), scoped(importer.Scope{Limit: 1}))
		if p.Summary.HeldBack != 1 || !slices.Contains(p.Changes[0].Hazards, plan.SharedNumber) {
			t.Errorf("%+v", p.Summary)
		}
	})
}
