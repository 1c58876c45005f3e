package approval_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"authseed/importer/approval"
	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// pair is a key with its private half.
type pair struct {
	private crypto.PrivateKey
	pem     []byte
	signer  ssh.Signer
}

func newPair(t testing.TB, kind string) pair {
	t.Helper()
	var private crypto.Signer
	var err error
	switch kind {
	case "ecdsa":
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "rsa":
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pair{private, pem.EncodeToMemory(block), signer}
}

func (p pair) line() string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(p.signer.PublicKey())))
}

// in signs for a namespace, as anybody can.
func (p pair) in(t testing.TB, namespace string, text []byte) []byte {
	t.Helper()
	s, err := sshsig.Sign(bytes.NewReader(text), p.signer, sshsig.HashSHA512, namespace)
	if err != nil {
		t.Fatal(err)
	}
	return sshsig.Armor(s)
}

func (p pair) signs(t testing.TB, text []byte) []byte { return p.in(t, approval.Namespace, text) }

// smallPlan is the document of a plan of one change.
func smallPlan(t testing.TB) []byte {
	t.Helper()
	var w authmethod.Wishes
	w[authmethod.Mobile].Value = authmethod.ValueOf("+44 7700900001")
	p := plan.Build(plan.Input{
		About: plan.About{
			ToolVersion: "test", ID: "one", CreatedAt: noon, ValidUntil: noon.Add(time.Hour), Requester: "rita@example.com",
			Tenant: plan.Tenant{ID: "t", Name: "Example", Cloud: "global"},
		},
		Policy:  plan.Policy{Rules: [authmethod.Count]plan.Rule{authmethod.Mobile: plan.Fill}},
		Desired: []plan.Desired{{User: authmethod.User{ID: "id1", UserPrincipalName: "pat@example.com"}, Wishes: w}},
	})
	var b bytes.Buffer
	if err := plan.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func allow(t testing.TB, lines ...string) *approval.Allowed {
	t.Helper()
	a, err := approval.ParseAllowed("allowed", []byte(strings.Join(lines, "\n")), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// What every signature is worth, and how many count.
func TestVerify(t *testing.T) {
	text := smallPlan(t)
	bob, carol, rita, mallory := newPair(t, "ed25519"), newPair(t, "ecdsa"), newPair(t, "rsa"), newPair(t, "ed25519")
	both := []string{"bob@example.com " + bob.line(), "carol@example.com " + carol.line(), "rita@example.com " + rita.line()}
	other := slices.Concat(text, []byte(" "))
	cut := bob.signs(t, text)[:100]
	for name, tc := range map[string]struct {
		allowed []string
		signed  [][]byte
		want    string // results in order
		counts  int
	}{
		"nobody":           {both, nil, "", 0},
		"one":              {both, [][]byte{bob.signs(t, text)}, "valid", 1},
		"two":              {both, [][]byte{bob.signs(t, text), carol.signs(t, text)}, "valid valid", 2},
		"not allowed":      {both, [][]byte{mallory.signs(t, text)}, "not-allowed", 0},
		"requester":        {both, [][]byte{rita.signs(t, text)}, "requester", 0},
		"other file":       {both, [][]byte{bob.signs(t, other)}, "other-file", 0},
		"other namespace":  {both, [][]byte{bob.in(t, "git", text)}, "other-namespace", 0},
		"no signature":     {both, [][]byte{[]byte("approved, bob"), nil, cut}, "unreadable unreadable unreadable", 0},
		"two in one file":  {both, [][]byte{slices.Concat(bob.signs(t, text), carol.signs(t, text))}, "unreadable", 0},
		"too long":         {both, [][]byte{bytes.Repeat([]byte("\n"), 1<<17)}, "unreadable", 0},
		"twice":            {both, [][]byte{bob.signs(t, text), bob.signs(t, text)}, "valid repeated", 1},
		"Windows lines":    {both, [][]byte{bytes.ReplaceAll(bob.signs(t, text), []byte("\n"), []byte("\r\n"))}, "valid", 1},
		"namespace fits":   {[]string{`bob@example.com namespaces="file,auth*" ` + bob.line()}, [][]byte{bob.signs(t, text)}, "valid", 1},
		"namespace denied": {[]string{`bob@example.com namespaces="*,!authseed" ` + bob.line()}, [][]byte{bob.signs(t, text)}, "other-namespace", 0},
		"for git only":     {[]string{`bob@example.com namespaces="git" ` + bob.line()}, [][]byte{bob.signs(t, text)}, "other-namespace", 0},
		"expired":          {[]string{`bob@example.com valid-before="20260601115959Z" ` + bob.line()}, [][]byte{bob.signs(t, text)}, "expired", 0},
		"last second":      {[]string{`bob@example.com valid-before="20260601120000Z" ` + bob.line()}, [][]byte{bob.signs(t, text)}, "valid", 1},
		"not yet":          {[]string{`bob@example.com valid-after="202606011201Z" ` + bob.line()}, [][]byte{bob.signs(t, text)}, "not-yet-valid", 0},
		"renewed": {
			[]string{`bob@example.com valid-before="20260101" ` + bob.line(), `bob@example.com valid-after="20260101" ` + bob.line()},
			[][]byte{bob.signs(t, text)}, "valid", 1,
		},
		"two names, one key": {
			[]string{"bob@example.com " + bob.line(), "robert@example.com " + bob.line()},
			[][]byte{bob.signs(t, text), bob.signs(t, text)}, "valid repeated", 1,
		},
		"one name, two keys": {
			[]string{"bob@example.com " + bob.line(), "BOB@example.com " + carol.line()},
			[][]byte{bob.signs(t, text), carol.signs(t, text)}, "valid repeated", 1,
		},
		"one by a third": { // in any order: what the third shares makes the first two one
			[]string{"bob@example.com " + bob.line(), "carol@example.com " + carol.line(), "bob@example.com,carol@example.com " + mallory.line()},
			[][]byte{bob.signs(t, text), carol.signs(t, text), mallory.signs(t, text)}, "valid repeated repeated", 1,
		},
		"requester's second key": {
			[]string{"rita@example.com " + rita.line(), "bob@example.com,Rita@Example.com " + bob.line()},
			[][]byte{bob.signs(t, text)}, "requester", 0,
		},
		"requester by a short name": {
			[]string{"rita " + bob.line()}, [][]byte{bob.signs(t, text)}, "requester", 0,
		},
		"requester by an expired line": {
			[]string{`rita@example.com valid-before="20200101" ` + bob.line(), "bob@example.com " + bob.line()},
			[][]byte{bob.signs(t, text)}, "requester", 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var files []approval.File
			for i, s := range tc.signed {
				files = append(files, approval.File{Name: fmt.Sprintf("plan.json.%d.sig", i), Text: s})
			}
			v := approval.Verify(text, "rita@example.com", files, allow(t, tc.allowed...), 1, noon)
			var got []string
			for _, s := range v.Signatures {
				got = append(got, string(s.Result))
				if (s.Result == approval.Valid) != (s.Detail == "") {
					t.Errorf("%s says %q", s.Result, s.Detail)
				}
				if (s.Result == approval.OtherFile || s.Result == approval.Unreadable) && s.Principals != nil {
					t.Errorf("%s names %v", s.Result, s.Principals)
				}
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
			if v.Valid() != tc.counts || v.Approved() != (tc.counts >= 1) {
				t.Errorf("%d count, approved %v", v.Valid(), v.Approved())
			}
			if v.Need = tc.counts + 1; v.Approved() {
				t.Error("approved by fewer than needed")
			}
		})
	}
	t.Run("nobody made it", func(t *testing.T) {
		files := []approval.File{{Name: "plan.json.sig", Text: bob.signs(t, text)}}
		if v := approval.Verify(text, "", files, allow(t, both...), 1, noon); v.Approved() {
			t.Error("approved, though the requester is not known")
		}
	})
}

// One byte of the plan or of the signature changed, whichever: nothing is
// approved. Only a line break may become another.
func TestEveryByteCounts(t *testing.T) {
	text, bob := smallPlan(t), newPair(t, "ed25519")
	signature, allowed := bob.signs(t, text), allow(t, "bob@example.com "+bob.line())
	approved := func(text, signature []byte) bool {
		return approval.Verify(text, "rita@example.com", []approval.File{{Name: "plan.json.sig", Text: signature}}, allowed, 1, noon).Approved()
	}
	if !approved(text, signature) {
		t.Fatal("not approved as signed")
	}
	for i := range text {
		for _, bit := range []byte{1, 0x20, 0x80} {
			edited := slices.Clone(text)
			edited[i] ^= bit
			if approved(edited, signature) {
				t.Fatalf("byte %d of the plan was changed unseen", i)
			}
		}
	}
	for i := range signature {
		for _, bit := range []byte{1, 0x20, 0x80} {
			edited := slices.Clone(signature)
			edited[i] ^= bit
			if approved(text, edited) {
				t.Fatalf("byte %d of the signature was changed unseen", i)
			}
		}
	}
}

func TestParseAllowedRefuses(t *testing.T) {
	key := newPair(t, "ed25519").line()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(short.Public())
	if err != nil {
		t.Fatal(err)
	}
	kind, encoded, _ := strings.Cut(key, " ")
	for name, tc := range map[string]struct{ line, want string }{
		"nothing":        {"# nobody", "allowed:1: nobody is allowed"},
		"no key":         {"bob@example.com", "neither an option nor a kind of key"},
		"key cut off":    {"bob@example.com " + kind, "no key"},
		"no base64":      {"bob@example.com " + kind + " AAAA*", "not base64"},
		"cut base64":     {"bob@example.com " + key[:len(key)-8], "the key cannot be read"},
		"other kind":     {"bob@example.com ssh-rsa " + encoded, `called "ssh-rsa" and is "ssh-ed25519"`},
		"DSA":            {"bob@example.com ssh-dss AAAA", `neither an option nor a kind of key that is supported: "ssh-dss"`},
		"short RSA":      {"bob@example.com " + string(ssh.MarshalAuthorizedKey(public)), "1024 bits is too short"},
		"certificate":    {"bob@example.com ssh-ed25519-cert-v01@openssh.com AAAA", "certificates are not supported"},
		"authority":      {"bob@example.com cert-authority " + key, "certificates are not supported"},
		"pattern":        {"*@example.com " + key, "a name has a '*'"},
		"not a person":   {"bob@example.com,!carol@example.com " + key, "a name has a '!'"},
		"empty name":     {"bob@example.com, " + key, "a name is empty"},
		"hidden in name": {"bob\u202e@example.com " + key, "does not show"},
		"byte order":     {"\ufeffbob@example.com " + key, "does not show"},
		"unknown option": {"bob@example.com no-touch-required " + key, `"no-touch-required"`},
		"no quotes":      {"bob@example.com valid-after=20260101 " + key, "needs double quotes"},
		"open quotes":    {`bob@example.com namespaces="authseed ` + key, "the quotes do not close"},
		"no comma":       {`bob@example.com namespaces="a"valid-after="20260101" ` + key, "a comma has to follow"},
		"twice":          {`bob@example.com valid-after="20260101",Valid-After="20250101" ` + key, "valid-after is there twice"},
		"bad date":       {`bob@example.com valid-after="20261301" ` + key, "is no time of the form"},
		"short date":     {`bob@example.com valid-before="2026" ` + key, "is no time of the form"},
		"never":          {`bob@example.com valid-after="20260101",valid-before="20260101" ` + key, "is not before"},
		"no namespace":   {`bob@example.com namespaces="" ` + key, "an empty namespace"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := approval.ParseAllowed("allowed", []byte(tc.line), time.UTC)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	_, err = approval.ParseAllowed("allowed", []byte("# first\r\n\r\nbob@example.com "+key+" work laptop\r\n  # indented\nwho?"), time.UTC)
	var line *approval.LineError
	if !errors.As(err, &line) || line.Line != 5 {
		t.Errorf("got %v, want line 5", err)
	}
}

// Every signature is found, whoever wrote it, and nothing else.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"plan.json", "plan.json.sig", "plan.json.bob.sig", "plan.json.0a1b.sig", "plan.jsonsig", "other.json.sig", "plan.json.html"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "plan.json.dir.sig"), 0o700); err != nil {
		t.Fatal(err)
	}
	files, err := approval.Find(filepath.Join(dir, "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"plan.json.0a1b.sig", "plan.json.bob.sig", "plan.json.sig"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestKeys(t *testing.T) {
	text := smallPlan(t)
	nobody := func() ([]byte, error) { return nil, errors.New("nobody to ask") }
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		t.Run(kind, func(t *testing.T) {
			bob := newPair(t, kind)
			k, err := approval.ReadKey(bob.pem, nobody)
			if err != nil {
				t.Fatal(err)
			}
			signature, err := k.Sign(text)
			if err != nil {
				t.Fatal(err)
			}
			v := approval.Verify(text, "rita", []approval.File{{Name: "a.sig", Text: signature}}, allow(t, "bob@example.com "+bob.line()), 1, noon)
			if !v.Approved() || v.Signatures[0].Fingerprint != k.Fingerprint() {
				t.Errorf("%+v", v.Signatures)
			}
		})
	}
	bob := newPair(t, "ed25519")
	block, err := ssh.MarshalPrivateKeyWithPassphrase(bob.private, "", []byte("for a test"))
	if err != nil {
		t.Fatal(err)
	}
	locked := pem.EncodeToMemory(block)
	if _, err := approval.ReadKey(locked, nobody); err == nil || err.Error() != "nobody to ask" {
		t.Errorf("locked: %v", err)
	}
	if _, err := approval.ReadKey(locked, func() ([]byte, error) { return []byte("for a test"), nil }); err != nil {
		t.Errorf("opened: %v", err)
	}
	for name, tc := range map[string]struct {
		text []byte
		want string
	}{
		"wrong passphrase": {locked, "does not open"},
		"public half":      {[]byte(bob.line()), "the public half"},
		"no key":           {[]byte("hello"), "no private key that can be read"},
	} {
		_, err := approval.ReadKey(tc.text, func() ([]byte, error) { return []byte("guess"), nil })
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
	}
}

func TestAgentKey(t *testing.T) {
	text := smallPlan(t)
	bob, carol := newPair(t, "ed25519"), newPair(t, "rsa")
	ring := agent.NewKeyring()
	ask := func(choice string) (*approval.Key, error) {
		ours, theirs := net.Pipe()
		t.Cleanup(func() { _ = ours.Close() })
		go func() { _ = agent.ServeAgent(ring, theirs) }()
		return approval.AgentKey(ours, choice)
	}
	wants := func(choice, want string) {
		t.Helper()
		if _, err := ask(choice); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", choice, err, want)
		}
	}
	wants("", "holds no key that could sign")
	add := func(p pair, comment string) {
		if err := ring.Add(agent.AddedKey{PrivateKey: p.private, Comment: comment}); err != nil {
			t.Fatal(err)
		}
	}
	add(bob, "bob at work")
	if k, err := ask(""); err != nil || k.Fingerprint() != ssh.FingerprintSHA256(bob.signer.PublicKey()) {
		t.Errorf("the only key: %v", err)
	}
	add(carol, "carol")
	wants("", "holds 2 keys that fit")
	wants("dave", `holds no key "dave"`)
	for _, choice := range []string{"carol", ssh.FingerprintSHA256(carol.signer.PublicKey())} {
		k, err := ask(choice)
		if err != nil {
			t.Fatal(err)
		}
		signature, err := k.Sign(text)
		if err != nil {
			t.Fatal(err)
		}
		if v := approval.Verify(text, "rita", []approval.File{{Name: "a.sig", Text: signature}}, allow(t, "carol@example.com "+carol.line()), 1, noon); !v.Approved() {
			t.Errorf("%+v", v.Signatures)
		}
	}
}

func FuzzParseAllowed(f *testing.F) {
	f.Add(`bob@example.com namespaces="a,b",valid-after="20260101Z" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`)
	f.Add("# nobody\n\n*")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := approval.ParseAllowed("allowed", []byte(text), time.UTC)
		if (a == nil) == (err == nil) {
			t.Fatal("neither a list nor an error")
		}
	})
}
