package table

import (
	"strings"
	"testing"
	"unicode"
)

func TestGuard(t *testing.T) {
	for cell, want := range map[string]string{
		"":                    "",
		"kim@contoso.example": "kim@contoso.example",
		"+44 7700 900123":     "'+44 7700 900123",
		"=1+1":                "'=1+1",
		"-x@example.com":      "'-x@example.com",
		"@SUM(1)":             "'@SUM(1)",
		"  =1+1":              "'  =1+1",
		"\u00a0\u200b=1+1":    "'\u00a0\u200b=1+1",
		"\tx":                 "'\tx",
		" \rx":                "' \rx",
		"\nx":                 "'\nx",
		"＝1+1":                "'＝1+1",
		"'+44 7700 900123":    "''+44 7700 900123",
		"'' -x":               "''' -x",
		"'t Hooft":            "'t Hooft",
		"'":                   "'",
		"x12":                 "x12",
		"12 = 12":             "12 = 12",
		"<clear>":             "<clear>",
	} {
		if got := Guard(cell); got != want {
			t.Errorf("%q: got %q, want %q", cell, got, want)
		}
		if got := Unguard(want); got != cell {
			t.Errorf("%q comes back as %q", cell, got)
		}
	}
	for _, cell := range []string{"'t Hooft", "'", "''", "x", "'x=1", "=1"} {
		if got := Unguard(cell); got != cell {
			t.Errorf("%q was not guarded, and became %q", cell, got)
		}
	}
}

func FuzzGuard(f *testing.F) {
	for _, cell := range []string{"", "+44 7700 900123", "'+1", "''=x", " \t@", "\ufeff=1", "＋1", "\xff=1", "' '-"} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		guarded := Guard(cell)
		if Unguard(guarded) != cell {
			t.Errorf("%q became %q and then %q", cell, guarded, Unguard(guarded))
		}
		bare := strings.TrimLeftFunc(guarded, unicode.IsSpace)
		if strings.HasPrefix(guarded, "\t") || strings.HasPrefix(guarded, "\r") || bare != "" && strings.ContainsAny(bare[:1], "=+-@") {
			t.Errorf("%q is still a formula", guarded)
		}
	})
}

// TestEncodeGuarded, with the columns of an embedded struct.
func TestEncodeGuarded(t *testing.T) {
	type Seat seat
	type place struct {
		Seat
		Note string `csv:"note"`
	}
	var out strings.Builder
	if err := EncodeGuarded(&out, []place{{Seat{"=Ann", 1, "+44 7700 900001"}, "x"}}); err != nil {
		t.Fatal(err)
	}
	if want := "\ufeffname,floor,phone,note\n'=Ann,1,'+44 7700 900001,x\n"; out.String() != want {
		t.Errorf("wrote %q, want %q", out.String(), want)
	}
	// gocsv would leave its columns out.
	if err := EncodeGuarded(&out, []struct{ seat }{}); err == nil {
		t.Error("a struct that is not exported was taken")
	}
}
