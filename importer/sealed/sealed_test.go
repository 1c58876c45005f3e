package sealed_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"
	"filippo.io/age/armor"
	"golang.org/x/crypto/ssh"

	"authseed/importer/sealed"
)

// pair is a private key in a file and the public one as text.
type pair struct{ file, public, secret string }

func save(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func agePair(t testing.TB) pair {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return pair{save(t, "key.txt", "# a comment\r\n"+key.String()+"\r\n"), key.Recipient().String(), key.String()}
}

func hybridPair(t testing.TB) pair {
	t.Helper()
	key, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return pair{save(t, "key.txt", key.String()+"\n"), key.Recipient().String(), key.String()}
}

// sshPair is one of OpenSSH's files, with a passphrase where there is one.
func sshPair(t testing.TB, private, public any, passphrase string) pair {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(private, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + " somebody, at example.org"
	return pair{save(t, "id", string(pem.EncodeToMemory(block))), text, ""}
}

func ed25519Pair(t testing.TB, passphrase string) pair {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return sshPair(t, private, public, passphrase)
}

func rsaPair(t testing.TB) pair {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return sshPair(t, key, &key.PublicKey, "")
}

func ecdsaPair(t testing.TB) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return sshPair(t, key, &key.PublicKey, "")
}

const clear = "tamsin.private@example.com"

// seal gives a file of text to the recipients.
func seal(t testing.TB, text string, to ...string) []byte {
	t.Helper()
	recipients, err := sealed.ParseRecipients(to)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	err = sealed.Write(&file, recipients, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func open(t testing.TB, file []byte, with ...string) (string, error) {
	t.Helper()
	var ids []sealed.Identity
	for _, path := range with {
		id, err := sealed.ReadIdentity(path)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	r, err := sealed.Open(bytes.NewReader(file), ids...)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}

func TestEveryKindOfKeyOpensItsFiles(t *testing.T) {
	other := agePair(t)
	for name, p := range map[string]pair{"age": agePair(t), "hybrid": hybridPair(t), "ed25519": ed25519Pair(t, ""), "rsa": rsaPair(t)} {
		file := seal(t, clear, p.public)
		if !sealed.Is(file) || bytes.Contains(file, []byte(clear)) {
			t.Errorf("%s: not a sealed file", name)
		}
		if text, err := open(t, file, p.file); text != clear || err != nil {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if text, err := open(t, file, other.file, p.file); text != clear || err != nil {
			t.Errorf("%s, the second key: %q, %v", name, text, err)
		}
		if _, err := open(t, file); !sealed.Locked(err) {
			t.Errorf("%s, no key: %v", name, err)
		}
		if _, err := open(t, file, other.file); !sealed.Locked(err) {
			t.Errorf("%s, another key: %v", name, err)
		}
		if text, err := open(t, seal(t, clear, save(t, "to.pub", "# who\n\n"+p.public+"\n")), p.file); text != clear || err != nil {
			t.Errorf("%s, by its file: %q, %v", name, text, err)
		}
	}
}

// The files of OpenSSH's own tool.
func TestKeysOfSSHKeygen(t *testing.T) {
	tool, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("no ssh-keygen here")
	}
	for _, args := range [][]string{{"-t", "ed25519"}, {"-t", "rsa", "-b", "2048"}, {"-t", "rsa", "-b", "2048", "-m", "PEM"}} {
		key := filepath.Join(t.TempDir(), "id")
		if text, err := exec.Command(tool, append(args, "-q", "-N", "", "-C", "somebody@example.org", "-f", key)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if text, err := open(t, seal(t, clear, key+".pub"), key); text != clear || err != nil {
			t.Errorf("%v: %q, %v", args, text, err)
		}
	}
}

func TestSeveralRecipients(t *testing.T) {
	a, b := agePair(t), ed25519Pair(t, "")
	file := seal(t, clear, a.public, b.public)
	for _, p := range []pair{a, b} {
		if text, err := open(t, file, p.file); text != clear || err != nil {
			t.Errorf("%q, %v", text, err)
		}
	}
	if got := seal(t, clear); string(got) != clear {
		t.Errorf("for nobody: %q", got)
	}
}

// What is written is what the library, and so the age tool, reads; what either
// writes, armored or not, is read.
func TestStandardFiles(t *testing.T) {
	p := agePair(t)
	key, err := age.ParseX25519Identity(p.secret)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(seal(t, clear, p.public)), key)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); string(text) != clear || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	var armored bytes.Buffer
	w := armor.NewWriter(&armored)
	if _, err := w.Write(seal(t, clear, p.public)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := open(t, armored.Bytes(), p.file); !sealed.Is(armored.Bytes()) || text != clear || err != nil {
		t.Errorf("armored: %q, %v", text, err)
	}
	tool, err := exec.LookPath("age")
	if err != nil {
		t.Log("no age tool here: the library alone was asked")
		return
	}
	cmd := exec.Command(tool, "--decrypt", "--identity", p.file)
	cmd.Stdin = bytes.NewReader(seal(t, clear, p.public))
	if text, err := cmd.Output(); string(text) != clear || err != nil {
		t.Errorf("the age tool: %q, %v", text, err)
	}
}

// Not one byte of a file can be changed or missing.
func TestDamage(t *testing.T) {
	p := agePair(t)
	file := seal(t, clear, p.public)
	for n := range file {
		for what, damaged := range map[string][]byte{"cut after": file[:n], "changed at": bytes.Join([][]byte{file[:n], {file[n] ^ 1}, file[n+1:]}, nil)} {
			text, err := open(t, damaged, p.file)
			var e *sealed.Error
			if !errors.As(err, &e) || text != "" {
				t.Fatalf("%s byte %d: %q, %v", what, n, text, err)
			}
		}
	}
	// Of a long one the beginning is read before its end is known.
	long := seal(t, strings.Repeat(clear, 10_000), p.public)
	var e *sealed.Error
	if _, err := open(t, long[:len(long)-70_000], p.file); !errors.As(err, &e) || e.Locked {
		t.Errorf("a long one cut short: %v", err)
	}
}

// What goes wrong below a sealed file is told as it is.
func TestErrorsFromBelow(t *testing.T) {
	p := agePair(t)
	id, err := sealed.ReadIdentity(p.file)
	if err != nil {
		t.Fatal(err)
	}
	file, disk := seal(t, clear, p.public), errors.New("the disk is gone")
	for _, n := range []int{0, 10, 100, len(file) - 1} {
		r, err := sealed.Open(io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(disk)), id)
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if !errors.Is(err, disk) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	recipients, err := sealed.ParseRecipients([]string{p.public})
	if err != nil {
		t.Fatal(err)
	}
	if err := sealed.Write(io.Discard, recipients, func(io.Writer) error { return disk }); !errors.Is(err, disk) {
		t.Errorf("what is sealed fails: %v", err)
	}
}

func TestPassphrasesAreRefused(t *testing.T) {
	by, err := age.NewScryptRecipient("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	by.SetWorkFactor(1)
	var file bytes.Buffer
	w, err := age.Encrypt(&file, by)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, with := range [][]string{nil, {agePair(t).file}} {
		if _, err := open(t, file.Bytes(), with...); err == nil || sealed.Locked(err) || !strings.Contains(err.Error(), "passphrase") {
			t.Errorf("%v", err)
		}
	}
}

func TestWrongRecipients(t *testing.T) {
	p, hybrid := agePair(t), hybridPair(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"hunter2"}, "neither a public key nor a file"},
		{[]string{p.secret}, "this is a private key"},
		{[]string{p.file}, "this is a private key"},
		{[]string{ed25519Pair(t, "").file}, "this is a private key"},
		{[]string{p.public, p.public[:30]}, "recipient 2: a damaged public key"},
		{[]string{"age1yubikey1qgzzzz"}, "keys of age plugins are not taken"},
		{[]string{"ssh-ed25519 AAAA"}, "a damaged public key"},
		{[]string{ecdsaPair(t).public}, "only signs"},
		{[]string{p.public, hybrid.public}, "cannot share a file"},
		{[]string{save(t, "empty.pub", "# nobody\n")}, "holds no public key"},
		{[]string{save(t, "list.txt", p.public+"\nhunter2\n")}, "list.txt:2: not a public key"},
		{[]string{t.TempDir()}, "neither a public key nor a file"},
		{[]string{save(t, "long", strings.Repeat("#\n", 1<<20))}, "neither a public key nor a file"},
	} {
		_, err := sealed.ParseRecipients(tc.args)
		var e *sealed.Error
		if !errors.As(err, &e) || !strings.Contains(e.What, tc.want) || e.Hint == "" {
			t.Errorf("want %q: %v", tc.want, err)
		}
		for _, secret := range []string{"hunter2", p.secret, p.public[:30]} {
			if err != nil && strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
				t.Errorf("the error repeats what was given: %v", err)
			}
		}
	}
}

func TestWrongIdentities(t *testing.T) {
	p := agePair(t)
	for want, path := range map[string]string{
		"no such file":             filepath.Join(t.TempDir(), "nobody"),
		"has a passphrase":         ed25519Pair(t, "correct horse").file,
		"is not an SSH key that":   ecdsaPair(t).file,
		"is itself encrypted":      save(t, "key.age", string(seal(t, p.secret, p.public))),
		"in line 2":                save(t, "two.txt", "# key\n"+p.public+"\n"),
		"in line 1":                save(t, "half.txt", p.secret[:40]),
		"holds no private key":     save(t, "empty.txt", "\n# nobody\n"),
		"too long for a file of k": save(t, "long.txt", strings.Repeat("#\n", 1<<20)),
	} {
		_, err := sealed.ReadIdentity(path)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
		if err != nil && strings.Contains(err.Error(), "AGE-SECRET-KEY-1") {
			t.Errorf("the error holds a key: %v", err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	p := agePair(f)
	id, err := sealed.ReadIdentity(p.file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seal(f, clear, p.public))
	f.Add([]byte(armor.Header + "\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := sealed.Open(bytes.NewReader(file), id)
		if err == nil {
			_, err = io.ReadAll(r)
		}
		var e *sealed.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%v", err)
		}
	})
}
