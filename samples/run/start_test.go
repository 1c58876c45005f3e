package run_test

import (
	"encoding/base64"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// start is what a sample starts: the arguments after the program, the variables it
// sets, and those it has from a secret.
type start struct {
	args         []string
	env, secrets map[string]string
}

// secret are what Kubernetes' secrets hold: a database that nobody listens for, and
// 32 bytes in base64.
var secret = map[string]string{
	"AUTHSEED_STATE":     "postgres://nobody@127.0.0.1:1/nowhere?connect_timeout=2",
	"AUTHSEED_STATE_KEY": base64.StdEncoding.EncodeToString(make([]byte, 32)),
}

// starts are what the samples start that run sync.
func starts(t *testing.T) map[string]start {
	t.Helper()
	all := map[string]start{}
	for name, find := range map[string]struct{ args, env, in string }{
		"systemd/authseed.service": {`(?m)^ExecStart=/usr/bin/authseed (.*)$`, `(?m)(?:^Environment=| )([A-Z_]+)=(\S+)`, ""},
		"cron/authseed":            {`(?m)\{ authseed ([^|;]*) 2>&1;`, `(?m)^(A[A-Z_]+)=(\S+)$`, ""},
		"windows/authseed.xml":     {`<Arguments>(.*)</Arguments>`, `SetEnvironmentVariable\('([A-Z_]+)', ['"](.*)['"], 'Machine'\)`, "windows/register.ps1"},
		bicep:                      {`args: \[(.*)\]`, `\{ name: '([A-Z_]+)', value: (.*) \}`, ""},
	} {
		text := read(t, name)
		found := regexp.MustCompile(find.args).FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("%s starts nothing", name)
		}
		s := start{env: map[string]string{}}
		for word := range strings.FieldsSeq(found[1]) {
			s.args = append(s.args, strings.Trim(word, "',"))
		}
		if find.in != "" {
			text = read(t, find.in)
		}
		for _, v := range regexp.MustCompile(find.env).FindAllStringSubmatch(text, -1) {
			s.env[v[1]] = strings.Trim(v[2], "'")
		}
		all[name] = s
	}
	for _, name := range manifests {
		for _, j := range jobs(t, name) {
			c := j.Template.Spec.Containers[0]
			s := start{args: slices.Clone(c.Args), env: map[string]string{}, secrets: map[string]string{}}
			for _, e := range c.Env {
				variable, _ := e["name"].(string)
				from, _ := e["valueFrom"].(map[string]any)
				if value, ok := e["value"].(string); ok {
					s.env[variable] = value
				} else if from["secretKeyRef"] != nil && secret[variable] != "" {
					s.secrets[variable] = secret[variable]
				} else if from["fieldRef"] == nil {
					t.Errorf("%s: what is in the variable %s?", name, variable)
				}
			}
			for i := range s.args {
				s.args[i] = strings.ReplaceAll(s.args[i], "$(JOB_COMPLETION_INDEX)", "0")
			}
			all[name] = s
		}
	}
	return all
}

// TestStarts starts the program as each sample does, with its arguments and its
// variables. In place of what only its host has: the configuration of the sample
// night, the simulator instead of the tenant, and a folder for state.
func TestStarts(t *testing.T) {
	authseed := program(t)
	config, err := filepath.Abs("../nightly/sync.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range starts(t) {
		t.Run(name, func(t *testing.T) {
			at := slices.Index(s.args, "--config")
			if len(s.args) == 0 || s.args[0] != "sync" || at < 0 || at+1 == len(s.args) {
				t.Fatalf("starts %q, want a sync with a configuration", s.args)
			}
			s.args[at+1] = config
			if s.env["AUTHSEED_STATE_DIR"] == "" || s.env["AUTHSEED_AUTH"] == "" {
				t.Errorf("variables %q: where state is kept, or how it signs in, is left to the host", slices.Sorted(maps.Keys(s.env)))
			}
			if s.env["AUTHSEED_NO_INPUT"] != "true" && !slices.Contains(s.args, "--no-input") {
				t.Error("it might ask")
			}
			run := func() ([]byte, error) {
				s.env["AUTHSEED_STATE_DIR"] = t.TempDir()
				cmd := exec.Command(authseed, append(slices.Clone(s.args), "--sandbox")...)
				for key, value := range s.env {
					cmd.Env = append(cmd.Env, key+"="+value)
				}
				return cmd.CombinedOutput()
			}
			out, err := run()
			if err != nil || !regexp.MustCompile(`(?m)^contoso +applied +1010 `).Match(out) {
				t.Errorf("%q: %v\n%s", s.args, err, out)
			}
			if len(s.secrets) == 0 {
				return
			}
			// With its secrets it gets as far as the database, which is not there.
			maps.Copy(s.env, s.secrets)
			if out, err = run(); !strings.Contains(string(out), "hint: see that the database of AUTHSEED_STATE runs") {
				t.Errorf("%q with a database: %v\n%s", s.args, err, out)
			}
		})
	}
}

// grace is what a run is given at least between the signal and the end by force:
// a request in flight, its answer, the journal.
const grace = 30 * time.Second

// again are the exit statuses that another try may change: it failed, or was cut
// off. The rest end the same way until a person has looked (`authseed help
// exit-codes`).
var again, final = []int{1, 130}, []int{3, 4, 5, 64}

// TestStopping: a run is told to end before it is ended, and started again only
// where that can help.
func TestStopping(t *testing.T) {
	for _, name := range manifests {
		for _, j := range jobs(t, name) {
			if given := time.Duration(j.Template.Spec.TerminationGracePeriodSeconds) * time.Second; given < grace {
				t.Errorf("%s: ended %v after the signal", name, given)
			}
			held, ignored := map[int]bool{}, false
			for i, r := range j.PodFailurePolicy.Rules {
				for _, v := range r.OnExitCodes.Values {
					held[int(v)] = true
				}
				// A pod that its node drops is none of the tries. It is the first rule,
				// as the first that fits decides.
				if len(r.OnPodConditions) == 1 && r.OnPodConditions[0].Type == "DisruptionTarget" && r.Action == "Ignore" && i == 0 {
					ignored = true
				}
			}
			for _, status := range final {
				if !held[status] {
					t.Errorf("%s: exit status %d is tried again", name, status)
				}
			}
			for _, status := range again {
				if held[status] {
					t.Errorf("%s: exit status %d is not tried again", name, status)
				}
			}
			if !ignored {
				t.Errorf("%s: a drained node counts as a failed try", name)
			}
		}
	}

	unit := read(t, "systemd/authseed.service")
	found := regexp.MustCompile(`(?m)^TimeoutStopSec=(\d+)(min|s)$`).FindStringSubmatch(unit)
	if found == nil {
		t.Fatal("the service does not say how long it may take to stop")
	}
	given, err := time.ParseDuration(found[1] + found[2][:1])
	if err != nil || given < grace || !strings.Contains(unit, "\nKillSignal=SIGTERM\n") {
		t.Errorf("the service is ended %v after the signal, %v", given, err)
	}
	// The timer is what starts it again. Were it Restart=, the final ones would
	// have to be left out by name.
	if restart := regexp.MustCompile(`(?m)^Restart=(.*)$`).FindStringSubmatch(unit); restart != nil && restart[1] != "no" {
		for _, status := range final {
			if !regexp.MustCompile(`(?m)^RestartPreventExitStatus=.*\b` + strconv.Itoa(status) + `\b`).MatchString(unit) {
				t.Errorf("the service starts again after exit status %d", status)
			}
		}
	}
	if strings.Contains(unit, "SuccessExitStatus") {
		t.Error("an exit status other than 0 passes for well")
	}
	if strings.Contains(read(t, "windows/authseed.xml"), "RestartOnFailure") {
		t.Error("Task Scheduler starts again whatever the exit status was")
	}
	if !strings.Contains(read(t, bicep), "replicaRetryLimit: 0") {
		t.Error("Container Apps starts again whatever the exit status was")
	}
}
