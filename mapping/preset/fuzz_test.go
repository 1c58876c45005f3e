package preset

import (
	"strings"
	"testing"

	"authseed/mapping/table"
)

// FuzzInspect looks at any header over any rows: it never panics, and what it
// would write is a mapping of the file.
func FuzzInspect(f *testing.F) {
	for _, in := range []string{
		"User ID,Mobile\nalice,+1 206 555 0147\n", "Employee ID,Handy,Land\n1,0171 3920012,DE\n", "UPN\nx\n", "Mobile\n1\n", "Name,Phone\nAnn,1\n",
		"Employee ID,Personalnummer,Mobile\n1,2,3\n", "Mobile [a],Mobile [b],Employee ID\n1,2,3\n", "userPrincipalName,mobile\na@b.example,\n",
		"Object ID,Work Phone,Ext,Status\n,,,\n", "Employee ID,Private E-Mail,Work Email\n1,a@x.example,b@x.example\n",
	} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		open := func() *table.Reader {
			r, err := table.NewReader(strings.NewReader(in), table.Options{})
			if err != nil {
				t.SkipNow() // no table
			}
			return r
		}
		r := open()
		c := Choose(r)
		if c.Certain && !c.possible() {
			t.Fatal("certain of nothing")
		}
		if got, err := Inspect("x", r, c); err == nil && c.possible() && len(got.Mapping) == 0 {
			t.Fatal("no mapping of a possible choice")
		}
		if _, err := Inspect("x", open(), nil); err != nil && err.Error() == "" {
			t.Fatal("an error that says nothing")
		}
		for _, p := range All() {
			if c := p.Choose(open()); c.possible() {
				if _, _, err := c.Mapping(); err != nil {
					t.Fatalf("%s: %v", p.Name, err)
				}
			}
		}
	})
}
