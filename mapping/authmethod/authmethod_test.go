package authmethod_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"authseed/mapping/authmethod"
)

func TestMask(t *testing.T) {
	for _, tc := range []struct{ clear, masked string }{
		{"", ""},
		{"+44 7700900123", "+44 *** **23"},
		{"+447700900123", "+*** **23"},
		{"+447700900 123", "+*** **23"},
		{"+49 1713920012x45", "+49 *** **12x**"},
		{"+1 1234", "+1 *** ****"},
		{"adele@example.com", "a***@example.com"},
		{"ünal@example.com", "ü***@example.com"},
		{"@example.com", "***@example.com"},
		{"no number at all", "+*** ****"},
	} {
		if got := authmethod.ValueOf(tc.clear).String(); got != tc.masked {
			t.Errorf("mask is %q, want %q", got, tc.masked)
		}
	}
}

// Nothing that prints, logs or encodes a value, alone or inside another, shows
// it. Reveal does.
func TestValueNeverShows(t *testing.T) {
	const phone, address = "+44 7700900123", "adele.vance@example.com"
	type holder struct {
		Set    authmethod.Set
		Wishes authmethod.Wishes
		Ptr    *authmethod.Value
	}
	v, w := authmethod.ValueOf(phone), authmethod.ValueOf(address)
	h := holder{Ptr: &v}
	h.Set[authmethod.Mobile], h.Set[authmethod.Email] = v, w
	h.Wishes[authmethod.Email].Value = w

	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%20s", "%!"} {
		fmt.Fprintf(&out, verb+"\n", v)
		fmt.Fprintf(&out, verb+"\n", h)
		fmt.Fprintf(&out, verb+"\n", &h)
	}
	fmt.Fprintln(&out, v, w, h.Set)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("said", "value", v, "address", w, "all", h)
	}
	if err := json.NewEncoder(&out).Encode(h); err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(&out).Encode(map[string]any{"v": v, "p": &w}); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"7700900", "adele.vance", fmt.Sprintf("%x", "7700900"), fmt.Sprintf("%X", "adele")} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("a value shows:\n%s", out.String())
		}
	}
	if !strings.Contains(out.String(), "a***@example.com") {
		t.Error("the mask does not show either: the test sees nothing")
	}
	if v.Reveal() != phone {
		t.Error("Reveal does not reveal")
	}
	if err := json.Unmarshal([]byte(`"+44 *** **23"`), &v); err == nil {
		t.Error("a mask was read as a value")
	}
}

func TestEqual(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"+44 7700900123", "+447700900123", true},
		{"+44 7700900123", "+44 7700 900 123", true},
		{"+1 (206) 555-0100", "+1 2065550100", true},
		{"+44 7700900123", "+44 7700900124", false},
		{"+49 3012345678x12", "+49 3012345678X12", true},
		{"+49 3012345678x12", "+49 3012345678", false},
		{"Adele@Example.com", "adele@example.com", true},
		{"a.dele@example.com", "adele@example.com", false},
		{"", "", true},
		{"", "+44 7700900123", false},
	} {
		if got := authmethod.ValueOf(tc.a).Equal(authmethod.ValueOf(tc.b)); got != tc.want {
			t.Errorf("%s = %s is %t", authmethod.ValueOf(tc.a), authmethod.ValueOf(tc.b), got)
		}
	}
}

func TestKinds(t *testing.T) {
	for _, kind := range authmethod.Kinds() {
		text, _ := kind.MarshalText()
		var back authmethod.Kind
		if err := back.UnmarshalText(text); err != nil || back != kind {
			t.Errorf("%s comes back as %s, %v", kind, back, err)
		}
	}
	var k authmethod.Kind
	if k.UnmarshalText([]byte("Mobile")) == nil {
		t.Error("another letter case is another word")
	}
	seen := map[authmethod.Kind]bool{}
	for _, kind := range authmethod.WriteOrder() {
		if kind == authmethod.AlternateMobile && !seen[authmethod.Mobile] {
			t.Error("alternateMobile is written before mobile")
		}
		seen[kind] = true
	}
	if len(seen) != authmethod.Count {
		t.Error("the write order leaves a kind out")
	}
}

func TestKeys(t *testing.T) {
	u := authmethod.User{ID: "id", UserPrincipalName: "Adele@Contoso.example", Mail: "m", EmployeeID: "0042",
		OnPremisesSamAccountName: "sam", OnPremisesImmutableID: "aBc=", OnPremisesUserPrincipalName: "op",
		ProxyAddresses: []string{"SMTP:adele@contoso.example"}}
	for _, a := range authmethod.Attributes() {
		if keys := authmethod.KeysOf(a, u); len(keys) != 1 || keys[0].Attribute != a || keys[0].Text() == "" {
			t.Errorf("%s reads %v", a, keys)
		}
		if keys := authmethod.KeysOf(a, authmethod.User{}); len(keys) != 0 {
			t.Errorf("%s of nobody is %v", a, keys)
		}
	}
	if keys := authmethod.KeysOf("displayName", u); keys != nil {
		t.Errorf("no attribute to match by is %v", keys)
	}
	key := func(a authmethod.Attribute, v string) string { return authmethod.Key{Attribute: a, Value: v}.Folded() }
	if key(authmethod.UserPrincipalName, " ADELE@contoso.example ") != authmethod.KeysOf(authmethod.UserPrincipalName, u)[0].Folded() {
		t.Error("letter case or space of a name counts")
	}
	if keys := authmethod.KeysOf(authmethod.EmployeeID, authmethod.User{EmployeeID: " 42"}); keys != nil {
		t.Errorf("a value no filter finds is %v", keys)
	}
	if key(authmethod.OnPremisesImmutableID, "ABC=") == key(authmethod.OnPremisesImmutableID, "abc=") {
		t.Error("letter case of base64 does not count")
	}
	if key(authmethod.Mail, "x") == key(authmethod.EmployeeID, "x") {
		t.Error("two attributes share a key")
	}
}

func TestProxyAddresses(t *testing.T) {
	of := func(entries ...string) []string {
		var texts []string
		for _, k := range authmethod.KeysOf(authmethod.ProxyAddresses, authmethod.User{ProxyAddresses: entries}) {
			texts = append(texts, strings.TrimPrefix(k.Folded(), "proxyAddresses\x00"))
		}
		return texts
	}
	got := of("SMTP:Adele@Contoso.example", "smtp:a.vance@contoso.example", "x500:/o=Contoso/cn=adele", "SIP:adele@contoso.example",
		"adele@contoso.example", "smtp:", "smtp", "", "smtp: spaced@contoso.example", " smtp:spaced@contoso.example", "sMtP:smtp:odd@contoso.example")
	if want := []string{"adele@contoso.example", "a.vance@contoso.example", "smtp:odd@contoso.example"}; !slices.Equal(got, want) {
		t.Errorf("mail addresses %q, want %q", got, want)
	}
	want := authmethod.Key{Attribute: authmethod.ProxyAddresses, Value: "adele@contoso.example"}
	for _, cell := range []string{"Adele@contoso.example", " adele@contoso.example ", "smtp:adele@contoso.example", "SMTP:ADELE@contoso.example", "SMTP: adele@contoso.example"} {
		k := authmethod.Key{Attribute: authmethod.ProxyAddresses, Value: cell}
		if k.Folded() != want.Folded() || !strings.EqualFold(k.Text(), want.Text()) {
			t.Errorf("%q is %q", cell, k.Text())
		}
	}
	if k := (authmethod.Key{Attribute: authmethod.Mail, Value: "smtp:adele@contoso.example"}); k.Text() != k.Value {
		t.Errorf("mail loses %q", k.Text())
	}
}

func TestScope(t *testing.T) {
	for _, tc := range []struct {
		user            authmethod.User
		guest, disabled bool
	}{
		{authmethod.User{UserType: "Member", EnabledKnown: true, AccountEnabled: true}, false, false},
		{authmethod.User{UserType: "Guest", EnabledKnown: true, AccountEnabled: true}, true, false},
		{authmethod.User{UserPrincipalName: "kim_example.com#EXT#@contoso.example"}, true, false},
		{authmethod.User{EnabledKnown: true}, false, true},
		{authmethod.User{}, false, false}, // not readable: not known to be disabled
	} {
		if tc.user.IsGuest() != tc.guest || tc.user.IsDisabled() != tc.disabled {
			t.Errorf("%+v: guest %t, disabled %t", tc.user, tc.user.IsGuest(), tc.user.IsDisabled())
		}
	}
}

func TestReasonsAreExplained(t *testing.T) {
	seen := map[authmethod.Reason]bool{}
	for _, m := range authmethod.Reasons() {
		if seen[m.Reason] || m.Meaning == "" {
			t.Errorf("%s is twice or has no meaning", m.Reason)
		}
		seen[m.Reason] = true
	}
	if authmethod.KeptExisting.Unusable() || authmethod.OutOfScope.Unusable() || !authmethod.InvalidPhone.Unusable() {
		t.Error("unusable blames the wrong rows")
	}
}
