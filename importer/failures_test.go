package importer_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"authseed/importer"
	"authseed/importer/graph/graphsim"
	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/mapping"
	"authseed/mapping/authmethod"
)

// asked is what a change does, without where it was read.
func asked(changes []plan.Change) []string {
	var list []string
	for _, c := range changes {
		list = append(list, fmt.Sprintf("%s %s %s %s %s", c.ID, c.User.DisplayName, c.Action, c.Method, c.After.Folded()))
	}
	return list
}

// troubled is a tenant with names that a spreadsheet would run, and two people
// whom nothing can be written for while in is true.
func troubled(in *bool) graphsim.Options {
	tenant := people()
	for i, name := range []string{"ada", "-bram", "'-chiara", "dilan_fabrikam.example#EXT#"} {
		tenant.Users[i].UserPrincipalName = name + "@contoso.example"
	}
	tenant.Users[5].PhoneMethods = []graphsim.PhoneMethod{{PhoneType: "mobile", PhoneNumber: "+1 2065550109"}}
	ok := map[string]bool{tenant.Users[6].ID: true}
	return graphsim.Options{Tenant: tenant, Fault: func(call graphsim.Call) *graphsim.Fault {
		if !*in || !call.Batched || call.Method == "GET" || ok[call.User] {
			return nil
		}
		return &graphsim.Fault{Status: 400, Message: "=cmd|' /C calc'!A0 +1; -1"}
	}}
}

// TestFailuresAreFedBack: what a run left open is planned again by its list of
// failures, exactly and without a word, and then it is written.
func TestFailuresAreFedBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trouble := true
		w := newWorld(t, troubled(&trouble))
		const content = "userPrincipalName,mobile,office,email\n" +
			"ada@contoso.example,+1 2065550101,+1 2125550111x12,+ada@example.com\n" +
			"-bram@contoso.example,+1 2065550102,,\n" +
			"'-chiara@contoso.example,,,-chiara@example.com\n" +
			"dilan_fabrikam.example#EXT#@contoso.example,+1 2065550103,,\n" +
			"femi@contoso.example,<clear>,,\n" +
			"greta@contoso.example,+1 2065550104,,\n"
		options := []func(*importer.PlanOptions){including(authmethod.Guest), allowing(plan.RemovesMethod)}
		p := w.mustPlan(file(mapping.Own(), content), options...)
		run, err := w.apply(t.Context(), p, today)
		if err != nil {
			t.Fatal(err)
		}
		if run.Counts.Done != 1 || run.Counts.Open() != 7 {
			t.Fatalf("%+v", run.Counts)
		}
		list, err := os.ReadFile(journal.FailuresPath(w.runs, run.RunID))
		if err != nil {
			t.Fatal(err)
		}
		open := p.Pending()
		for i, c := range open {
			if c.User.DisplayName == "greta" {
				open = append(open[:i], open[i+1:]...)
				break
			}
		}
		back := func() importer.File {
			return importer.File{Name: "failed.csv", Content: bytes.NewReader(list)}
		}
		said := func(o *importer.PlanOptions) {
			o.Unused = func(columns []string) { t.Errorf("columns not used: %q", columns) }
		}
		again := w.mustPlan(back(), append(options, said)...)
		if diff := cmp.Diff(asked(open), asked(again.Changes)); diff != "" {
			t.Errorf("planned again (-want +got)\n%s", diff)
		}
		if got, want := rows(again.Summary.Rows), "7 read, 5 used, 2 merged"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		in, err := importer.Check(t.Context(), back(), importer.Notices{})
		if err != nil || len(in.Remarks)+len(in.Skipped) > 0 {
			t.Errorf("remarks %v, skipped %v, %v", in.Remarks, in.Skipped, err)
		}
		trouble = false
		if run, err = w.apply(t.Context(), again, today.Add(time.Hour)); err != nil || run.Counts.Open() > 0 {
			t.Fatalf("%+v, %v", run, err)
		}
		if p := w.mustPlan(file(mapping.Own(), content), options...); len(p.Changes) > 0 {
			t.Errorf("and still to do: %v", asked(p.Changes))
		}
	})
}

// TestMendedFailures: rows of one person that were mended by hand must agree
// like any others.
func TestMendedFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, graphsim.Options{Tenant: people()})
		const header = "userPrincipalName,mobile,alternateMobile,office,email,country,reason,request_id\n"
		for content, want := range map[string]string{
			"ada@contoso.example,'+1 2065550101,,,,,failed: 400,r1\nada@contoso.example,,,,one@example.com,,failed: 400,r2\n":               "2 read, 1 used, 1 merged",
			"ada@contoso.example,(206) 555-0101,,,,US,failed: 400,r1\nada@contoso.example,,,'+1 2125550111,,,failed: 400,r2\n":              "2 read, 1 used, 1 merged",
			"ada@contoso.example,'+1 2065550101,,,,,failed: 400,r1\nada@contoso.example,'+1 2065550102,,,one@example.com,,failed: 400,r2\n": "2 read, 0 used, 0 merged, 2 conflicting-rows",
		} {
			f := importer.File{Name: "failed.csv", Content: strings.NewReader("\ufeff" + header + content)}
			if got := rows(w.mustPlan(f).Summary.Rows); got != want {
				t.Errorf("%s, want %s of\n%s", got, want, content)
			}
		}
	})
}
