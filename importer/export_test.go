package importer_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/pace"
	"authseed/importer/plan"
	"authseed/importer/report"
	"authseed/importer/survey"
	"authseed/mapping"
	"authseed/mapping/authmethod"
	"authseed/samples"
)

func (w *world) export(o importer.ExportOptions) (*plan.Inventory, error) {
	o.Survey = survey.Options{Pacer: pace.NewPacer(pace.Limits{}), Concurrency: 8}
	return importer.Export(w.Context(), w.client, o)
}

func (w *world) mustExport(o importer.ExportOptions) *plan.Inventory {
	w.Helper()
	in, err := w.export(o)
	if err != nil {
		w.Fatal(err)
	}
	return in
}

func exported(t *testing.T, in *plan.Inventory, reveal bool) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.ExportCSV(&out, in, reveal); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestExportIsPlannedBack: what is exported in clear changes nothing, and what is
// exported masked is refused value by value. Every sample, by either way to read.
func TestExportIsPlannedBack(t *testing.T) {
	for _, name := range samples.Names() {
		for _, reads := range []importer.Reads{importer.ReadsAuto, importer.ReadsFull} {
			t.Run(name+", "+string(reads), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { exportAndPlan(t, name, reads) })
			})
		}
	}
}

func exportAndPlan(t *testing.T, name string, reads importer.Reads) {
	s, err := samples.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := graphsim.Load(bytes.NewReader(s.Tenant))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, graphsim.Options{Tenant: tenant})
	in := w.mustExport(importer.ExportOptions{Reads: reads})
	methods := 0
	for _, u := range tenant.Users {
		methods += len(u.PhoneMethods) + len(u.EmailMethods)
	}
	found := 0
	for _, h := range in.People {
		for _, v := range h.Have {
			if !v.IsZero() {
				found++
			}
		}
	}
	if found != methods || in.Asked != len(tenant.Users) {
		t.Errorf("%d of %d methods, %d of %d people", found, methods, in.Asked, len(tenant.Users))
	}
	unused := func(o *importer.PlanOptions) {
		o.Reads = importer.ReadsFull
		o.Include = []authmethod.Reason{authmethod.Guest, authmethod.Disabled}
		o.Unused = func(columns []string) { t.Errorf("columns not used: %q", columns) }
	}
	clear := w.mustPlan(file(nil, exported(t, in, true)), unused)
	same := 0
	for _, n := range clear.Unchanged {
		same += n
	}
	if len(clear.Changes) != 0 || same != methods {
		t.Errorf("planned back: %+v, %d of %d unchanged", clear.Summary, same, methods)
	}
	masked := w.mustPlan(file(nil, exported(t, in, false)), unused)
	if refused := masked.Summary.Skipped[authmethod.InvalidPhone] + masked.Summary.Skipped[authmethod.InvalidEmail]; len(masked.Changes) != 0 || masked.Summary.Rows.Used != 0 || refused != methods {
		t.Errorf("masked: %+v", masked.Summary)
	}
}

// TestExportTakesFewRequests: whoever has nothing by the report is not read.
func TestExportTakesFewRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := graphsim.Generate(10_000, 1)
		for i := range tenant.Users {
			tenant.Users[i].PhoneMethods, tenant.Users[i].EmailMethods, tenant.Users[i].AccountEnabled = nil, nil, nil
			if i%20 == 0 {
				tenant.Users[i].EmailMethods = []graphsim.EmailMethod{{EmailAddress: fmt.Sprintf("p%d@example.com", i)}}
			}
		}
		w := newWorld(t, graphsim.Options{Tenant: tenant})
		in := w.mustExport(importer.ExportOptions{})
		// 11 pages of people, 11 of the report, 500 reads in batches of 20.
		if trips := w.sim.Stats().RoundTrips; len(in.People) != 500 || in.Known.Read != 500 || in.Known.Report != 9500 || trips > 60 {
			t.Errorf("%d people, %+v, in %d round trips", len(in.People), in.Known, trips)
		}
	})
}

func TestExportOfSome(t *testing.T) {
	for name, c := range map[string]struct {
		scope importer.Scope
		asked int
		names string
	}{
		"everybody":   {importer.Scope{}, 5, "dan eve"},
		"one by name": {importer.Scope{Users: []string{"Eve@contoso.example"}}, 1, "eve"},
		"one by id":   {importer.Scope{Users: []string{guid(101), "dan@contoso.example"}}, 1, "dan"},
		"a group":     {importer.Scope{Group: "Pilot"}, 3, "dan"},
		"a filter":    {importer.Scope{Filter: "userPrincipalName eq 'eve@contoso.example'"}, 1, "eve"},
		"the first":   {importer.Scope{Limit: 4}, 4, "dan"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tenant := attributed()
				tenant.Users[0].EmailMethods = []graphsim.EmailMethod{{EmailAddress: "eve@example.com"}}
				in := newWorld(t, graphsim.Options{Tenant: tenant}).mustExport(importer.ExportOptions{Scope: c.scope})
				var names []string
				for _, h := range in.People {
					names = append(names, h.User.DisplayName)
				}
				if got := strings.Join(names, " "); got != c.names || in.Asked != c.asked {
					t.Errorf("%q of %d, want %q of %d", got, in.Asked, c.names, c.asked)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: attributed()})
		var refused *importer.ScopeError
		for _, s := range []importer.Scope{{Users: []string{"who@contoso.example"}}, {Group: "Twice"}, {Filter: "nonsense"}, {Users: []string{"ada@contoso.example"}, Group: guid(3)}} {
			if _, err := w.export(importer.ExportOptions{Scope: s}); !errors.As(err, &refused) {
				t.Errorf("%+v: %v", s, err)
			}
		}
	})
}

// TestExportIsSafeInASpreadsheet: nobody's name is a formula, and the key is who
// it was when it is read again.
func TestExportIsSafeInASpreadsheet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := attributed()
		tenant.Users[0].UserPrincipalName, tenant.Users[0].DisplayName = "-eve@contoso.example", "=1+1"
		tenant.Users[0].EmailMethods = []graphsim.EmailMethod{{EmailAddress: "=eve@example.com"}}
		w := newWorld(t, graphsim.Options{Tenant: tenant})
		text := exported(t, w.mustExport(importer.ExportOptions{}), true)
		for line := range strings.SplitSeq(text, "\n") {
			for cell := range strings.SplitSeq(line, ",") {
				if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@") {
					t.Errorf("a cell begins with %q", cell[:1])
				}
			}
		}
		p := w.mustPlan(file(mapping.Own(), text), func(o *importer.PlanOptions) { o.Reads = importer.ReadsFull })
		if p.Summary.Rows.LeftOut[authmethod.NoMatch] != 0 || len(p.Changes) != 0 {
			t.Errorf("%+v", p.Summary)
		}
	})
}

// TestExportWithoutTheReport reads everybody, and says why.
func TestExportWithoutTheReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := graphsim.Generate(200, 1)
		tenant.ServicePlans = []string{}
		w := newWorld(t, graphsim.Options{Tenant: tenant})
		told := 0
		in := w.mustExport(importer.ExportOptions{Notices: importer.Notices{NoReport: func(*survey.NoReportError) { told++ }}})
		if told != 1 || in.Known.Read != in.Asked || in.Asked != 200 {
			t.Errorf("told %d times, %+v of %d", told, in.Known, in.Asked)
		}
		var none *survey.NoReportError
		if _, err := w.export(importer.ExportOptions{Reads: importer.ReadsReport}); !errors.As(err, &none) {
			t.Errorf("%v", err)
		}
		if err := report.ExportJSON(io.Discard, in, false); err != nil {
			t.Error(err)
		}
	})
}
