package approval_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authseed/importer/approval"
)

// openssh gives a folder with plan.json and a way to run OpenSSH's own programs
// in it.
func openssh(t *testing.T) (dir string, run func(stdin []byte, args ...string) error) {
	t.Helper()
	for _, program := range []string{"ssh-keygen", "ssh-agent", "ssh-add"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed (Debian: openssh-client); nothing is tested against OpenSSH", program)
		}
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "plan.json"), smallPlan(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, func(stdin []byte, args ...string) error {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir, cmd.Stdin = dir, bytes.NewReader(stdin)
		cmd.Env = append(os.Environ(), "SSH_AUTH_SOCK="+filepath.Join(dir, "agent"))
		out, err := cmd.CombinedOutput()
		t.Logf("%s\n%s", strings.Join(args, " "), out)
		return err
	}
}

var opensshKeys = map[string][]string{
	"ed25519": {"-t", "ed25519"}, "ecdsa": {"-t", "ecdsa", "-b", "521"}, "rsa": {"-t", "rsa", "-b", "2048"},
}

func read(t *testing.T, name ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(name...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// What ssh-keygen signs is an approval, and what is signed here ssh-keygen
// verifies, by the same list of allowed signers, and refuses for another file.
func TestOpenSSHBothWays(t *testing.T) {
	for kind, flags := range opensshKeys {
		t.Run(kind, func(t *testing.T) {
			dir, run := openssh(t)
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			must(run(nil, append([]string{"ssh-keygen", "-q", "-N", "", "-C", "bob at work", "-f", "key"}, flags...)...))
			line := "bob@example.com,b@example.com namespaces=\"file,authseed\",valid-after=\"20260101\",valid-before=\"20990101Z\" " + string(read(t, dir, "key.pub"))
			must(os.WriteFile(filepath.Join(dir, "allowed"), []byte("# who may\n"+line), 0o600))
			allowed, err := approval.ParseAllowed("allowed", read(t, dir, "allowed"), time.Local)
			must(err)
			text := read(t, dir, "plan.json")
			verified := func() *approval.Verdict {
				files, err := approval.Find(filepath.Join(dir, "plan.json"))
				must(err)
				return approval.Verify(text, "rita@example.com", files, allowed, 1, noon)
			}

			must(run(nil, "ssh-keygen", "-q", "-Y", "sign", "-n", "authseed", "-f", "key", "plan.json"))
			if v := verified(); !v.Approved() || v.Signatures[0].File != "plan.json.sig" || v.Signatures[0].Who() != "bob@example.com, b@example.com" {
				t.Errorf("%+v", v.Signatures)
			}
			must(os.Remove(filepath.Join(dir, "plan.json.sig")))
			must(run(nil, "ssh-keygen", "-q", "-Y", "sign", "-n", "file", "-f", "key", "plan.json"))
			if v := verified(); v.Approved() || v.Signatures[0].Result != approval.OtherNamespace {
				t.Errorf("%+v", v.Signatures)
			}

			k, err := approval.ReadKey(read(t, dir, "key"), nil)
			must(err)
			signature, err := k.Sign(text)
			must(err)
			must(os.WriteFile(filepath.Join(dir, "ours.sig"), signature, 0o600))
			verify := []string{"ssh-keygen", "-Y", "verify", "-n", "authseed", "-f", "allowed", "-I", "bob@example.com", "-s", "ours.sig"}
			must(run(text, verify...))
			if run(append(text, ' '), verify...) == nil {
				t.Error("ssh-keygen verifies our signature for another file")
			}
		})
	}
}

// A key that only OpenSSH's agent holds signs, and a locked key of ssh-keygen's
// opens.
func TestOpenSSHAgent(t *testing.T) {
	dir, run := openssh(t)
	// It goes to the background once it listens, and says how to end it.
	said, err := exec.Command("ssh-agent", "-s", "-a", filepath.Join(dir, "agent")).Output()
	if err != nil {
		t.Fatal(err)
	}
	_, pid, _ := strings.Cut(string(said), "SSH_AGENT_PID=")
	pid, _, _ = strings.Cut(pid, ";")
	defer func() {
		end := exec.Command("ssh-agent", "-k")
		end.Env = append(os.Environ(), "SSH_AGENT_PID="+pid)
		_ = end.Run()
	}()
	for kind, flags := range opensshKeys {
		if err := run(nil, append([]string{"ssh-keygen", "-q", "-N", "", "-C", kind, "-f", kind}, flags...)...); err != nil {
			t.Fatal(err)
		}
		if err := run(nil, "ssh-add", kind); err != nil {
			t.Fatal(err)
		}
	}
	for kind := range opensshKeys {
		connection, err := net.Dial("unix", filepath.Join(dir, "agent"))
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		k, err := approval.AgentKey(connection, kind)
		if err != nil {
			t.Fatal(err)
		}
		signature, err := k.Sign(smallPlan(t))
		if err != nil {
			t.Fatal(err)
		}
		files := []approval.File{{Name: "a.sig", Text: signature}}
		if v := approval.Verify(smallPlan(t), "rita", files, allow(t, "bob@example.com "+string(read(t, dir, kind+".pub"))), 1, noon); !v.Approved() {
			t.Errorf("%s: %+v", kind, v.Signatures)
		}
	}
	if err := run(nil, "ssh-keygen", "-q", "-t", "ed25519", "-N", "for a test", "-f", "locked"); err != nil {
		t.Fatal(err)
	}
	if _, err := approval.ReadKey(read(t, dir, "locked"), func() ([]byte, error) { return []byte("for a test"), nil }); err != nil {
		t.Error(err)
	}
}
