package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	// Scripts mostly wait, for a limit or for what a write did.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"authseed": main})
}

// TestScripts runs the whole program. The scripts find the samples in $SAMPLES, the
// exports of other systems in $EXPORTS, a database in $POSTGRES where there is one,
// and the commands below beside testscript's own.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	shared := filepath.Join(filepath.Dir(root), "shared", "data")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SAMPLES", filepath.Join(root, "samples"))
			env.Setenv("EXPORTS", filepath.Join(root, "importer", "testdata", "exports"))
			env.Setenv("SHARED", shared)
			env.Setenv("POSTGRES", os.Getenv("AUTHSEED_TEST_POSTGRES"))
			env.Setenv("UNIQUE", strconv.FormatInt(time.Now().UnixNano(), 36))
			env.Setenv("AUTHSEED_STATE_DIR", filepath.Join(env.WorkDir, "state"))
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "shared":
				_, err := os.Stat(shared)
				return err == nil, nil
			case "postgres":
				return os.Getenv("AUTHSEED_TEST_POSTGRES") != "", nil
			case "disks":
				return canMount(t.TempDir()), nil
			}
			return false, errors.New("unknown condition " + name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "serve": serve, "cut": cut, "await": await, "keep": keep, "replace": replace, "disk": disk, "signer": signer,
		},
	})
}

// exits STATUS COMMAND... wants exactly this exit status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND...")
	}
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if want := args[0]; strconv.Itoa(got) != want {
		ts.Fatalf("exit status %d, want %s", got, want)
	}
}

// program is a command of the script in its own process.
func program(ts *testscript.TestScript, args ...string) *exec.Cmd {
	var path string
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, args[0])); err == nil {
			path = filepath.Join(dir, args[0])
			break
		}
	}
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCOVERDIR", "AUTHSEED_STATE_DIR", "AUTHSEED_ACCESS_TOKEN"} {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	return cmd
}

// serve ARGUMENTS... starts a sandbox for the rest of the script and puts its
// address into $GRAPH. serve -stop ends it and leaves what it said in
// sandbox.txt.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 1 && args[0] == "-stop" {
		pid, err := strconv.Atoi(ts.Getenv("SANDBOX_PID"))
		ts.Check(err)
		sandbox, err := os.FindProcess(pid)
		ts.Check(err)
		ts.Check(sandbox.Signal(os.Interrupt))
		for range 500 {
			if text, err := os.ReadFile(ts.MkAbs("sandbox.txt")); err == nil && strings.Contains(string(text), "round trips") {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		ts.Fatalf("the sandbox did not end")
	}
	cmd := program(ts, append([]string{"authseed", "sandbox", "--listen", "127.0.0.1:0"}, args...)...)
	said, err := os.Create(ts.MkAbs("sandbox.txt"))
	ts.Check(err)
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = said.Close()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	ts.Setenv("GRAPH", strings.TrimSpace(address))
	ts.Setenv("SANDBOX_PID", strconv.Itoa(cmd.Process.Pid))
}

// cut SIGNAL LINES STATUS COMMAND... sends the signal when the run's journal
// has so many lines and wants the exit status (or "killed").
func cut(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]syscall.Signal{"INT": syscall.SIGINT, "KILL": syscall.SIGKILL, "TERM": syscall.SIGTERM}
	if neg || len(args) < 4 || signals[args[0]] == 0 {
		ts.Fatalf("usage: cut INT|TERM|KILL LINES STATUS COMMAND...")
	}
	lines, err := strconv.Atoi(args[1])
	ts.Check(err)
	cmd := program(ts, args[3:]...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	before := runs(ts)
	ts.Check(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer func() { ts.Logf("[cut stdout]\n%s\n[cut stderr]\n%s", out.String(), said.String()) }()
	for range 3000 {
		select {
		case err := <-ended:
			ts.Fatalf("it ended before it was cut: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
		paths := runs(ts)
		if len(paths) == len(before) && !resumes(args[3:]) {
			continue
		}
		if text, _ := os.ReadFile(paths[len(paths)-1]); bytes.Count(text, []byte("\n")) >= lines {
			ts.Check(cmd.Process.Signal(signals[args[0]]))
			err := <-ended
			status := "0"
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				status = strconv.Itoa(exit.ExitCode())
				if exit.ExitCode() < 0 {
					status = "killed"
				}
			}
			if status != args[2] {
				ts.Fatalf("exit status %s, want %s", status, args[2])
			}
			return
		}
	}
	ts.Fatalf("the journal never had %d lines", lines)
}

// runs is the journals there are, the newest last.
func runs(ts *testscript.TestScript) []string {
	paths, _ := filepath.Glob(filepath.Join(ts.Getenv("AUTHSEED_STATE_DIR"), "runs", "*", "journal.jsonl"))
	return paths
}

// resumes tells a command that goes on with a run and begins none.
func resumes(args []string) bool { return slices.Contains(args, "resume") }

// await LINES waits until the newest run's journal has so many lines.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await LINES")
	}
	lines, err := strconv.Atoi(args[0])
	ts.Check(err)
	for range 3000 {
		if paths := runs(ts); len(paths) > 0 {
			if text, _ := os.ReadFile(paths[len(paths)-1]); bytes.Count(text, []byte("\n")) >= lines {
				return
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	ts.Fatalf("the journal never had %d lines", lines)
}

// keep DIR moves the newest run aside and puts its folder into $RUN.
func keep(ts *testscript.TestScript, neg bool, args []string) {
	paths := runs(ts)
	if neg || len(args) != 1 || len(paths) == 0 {
		ts.Fatalf("usage: keep DIR, when there is a run")
	}
	dir := filepath.Dir(paths[len(paths)-1])
	ts.Check(os.Rename(dir, ts.MkAbs(args[0])))
	ts.Setenv("RUN", dir)
}

// replace FILE OLD NEW changes the first OLD in a file.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o600))
}
