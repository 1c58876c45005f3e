//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"authseed/importer/graph/graphsim"
)

// A scheduler sends SIGTERM and kills ten seconds later. So long at most a night may
// go on, with some room for a machine that is busy.
const graceOfScheduler = 9 * time.Second

// stopping is a night of a real process and what it meets.
type stopping struct {
	*testing.T
	sim     *graphsim.Server
	graph   string
	env     []string
	args    []string
	config  string
	hangs   func(graphsim.Call) bool // nil: nothing does
	answer  *graphsim.Fault          // instead of hanging
	mu      sync.Mutex
	reached chan struct{}
	let     chan struct{}
}

func newStopping(t *testing.T) *stopping {
	s := &stopping{T: t, reached: make(chan struct{}, 1000), let: make(chan struct{})}
	// Nobody else's, in a database that several tests share.
	id := uuid.NewString()
	tenant := &graphsim.Tenant{ID: id, DisplayName: "Contoso", VerifiedDomains: []string{"contoso.example"}}
	rows := "userPrincipalName,mobile\n"
	for i := range 60 {
		upn := fmt.Sprintf("p%02d@contoso.example", i)
		tenant.Users = append(tenant.Users, graphsim.User{ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i+1), UserPrincipalName: upn, DisplayName: upn})
		rows += fmt.Sprintf("%s,+1 20655501%02d\n", upn, i)
	}
	var err error
	if s.sim, err = graphsim.New(graphsim.Options{Tenant: tenant, Fault: s.fault}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.sim)
	t.Cleanup(func() { s.mend(); server.CloseClientConnections(); server.Close() })
	s.graph = server.URL + "/v1.0"
	folder := t.TempDir()
	s.config = filepath.Join(folder, "sync.yaml")
	s.write("hr.csv", rows)
	s.write("sync.yaml", fmt.Sprintf(`version: 1
tenants:
  - name: contoso
    tenant: {id: %s, auth: token, graph_url: %q}
    source: {file: hr.csv}
    limits: {max_change_percent: 100}
`, id, s.graph))
	s.env = []string{"AUTHSEED_ACCESS_TOKEN=any", "AUTHSEED_STATE_DIR=" + filepath.Join(folder, "state"), "HOME=" + folder}
	return s
}

func (s *stopping) write(name, text string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(filepath.Dir(s.config), name), []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
}

func (s *stopping) fault(c graphsim.Call) *graphsim.Fault {
	s.mu.Lock()
	hangs, answer := s.hangs, s.answer
	s.mu.Unlock()
	if hangs == nil || !hangs(c) {
		return nil
	}
	s.reached <- struct{}{}
	if answer == nil {
		<-s.let
	}
	return answer
}

// mend lets what hangs go on, and nothing hang any more.
func (s *stopping) mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hangs != nil {
		s.hangs = nil
		close(s.let)
	}
}

// hang is a server that takes everything and answers nothing.
func (s *stopping) hang() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.ReadFull(conn, make([]byte, 1))
				s.reached <- struct{}{}
				_, _ = io.Copy(io.Discard, conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// night is a process under way.
type night struct {
	*exec.Cmd
	out, said bytes.Buffer
}

func (s *stopping) start(args ...string) *night {
	s.Helper()
	self, err := os.Executable()
	if err != nil {
		s.Fatal(err)
	}
	n := &night{Cmd: exec.Command(self, append([]string{"sync", "--config", s.config}, args...)...)}
	n.Args[0] = "authseed" // what TestMain makes it
	n.Env, n.Stdout, n.Stderr = s.env, &n.out, &n.said
	if err := n.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = n.Process.Kill() })
	return n
}

func (s *stopping) wait() {
	s.Helper()
	select {
	case <-s.reached:
	case <-time.After(time.Minute):
		s.Fatal("it never came so far")
	}
}

func (s *stopping) ends(n *night, status int) {
	s.Helper()
	err := n.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.Fatal(err)
	}
	if got := n.ProcessState.ExitCode(); got != status {
		s.Errorf("exit status %d, want %d\n%s%s", got, status, n.out.String(), n.said.String())
	}
}

// stop tells the process to end and wants it to.
func (s *stopping) stop(n *night, within time.Duration, status int) {
	s.Helper()
	began := time.Now()
	if err := n.Process.Signal(syscall.SIGTERM); err != nil {
		s.Fatal(err)
	}
	s.ends(n, status)
	took := time.Since(began)
	s.Logf("it ended after %v", took.Round(10*time.Millisecond))
	if took > within {
		s.Errorf("it took %v to end, more than %v\n%s", took, within, n.said.String())
	}
}

// journalEnds waits until the run has ended, and the ledger is being told.
func (s *stopping) journalEnds() {
	s.Helper()
	for range 3000 {
		paths, _ := filepath.Glob(filepath.Join(filepath.Dir(s.config), "state", "runs", "*", "journal.jsonl"))
		if len(paths) == 1 {
			if text, _ := os.ReadFile(paths[0]); strings.Contains(string(text), `"end"`) {
				time.Sleep(300 * time.Millisecond)
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.Fatal("the run did not end")
}

// again is the next night: all is well, and done.
func (s *stopping) again(outcome string) {
	s.Helper()
	s.mend()
	n := s.start(s.args...)
	s.ends(n, 0)
	if !strings.Contains(n.out.String(), outcome) {
		s.Errorf("the next night is not %s: %s%s", outcome, n.out.String(), n.said.String())
	}
	for _, u := range s.sim.Tenant().Users {
		if len(u.PhoneMethods) != 1 {
			s.Errorf("%s has %d numbers", u.UserPrincipalName, len(u.PhoneMethods))
		}
	}
	if stats := s.sim.Stats(); stats.DuplicateCreates != 0 || stats.Writes != 60 {
		s.Errorf("%+v", stats)
	}
}

func isWrite(c graphsim.Call) bool { return c.Batched && c.Method != http.MethodGet }

func isRead(c graphsim.Call) bool { return strings.Contains(c.Path, "/authentication/") }

// TestStop: wherever a night is, and whatever hangs, it ends in time with its status,
// and the next one goes on.
func TestStop(t *testing.T) {
	for name, test := range map[string]func(s *stopping){
		"reading people": func(s *stopping) {
			s.hangs = isRead
			n := s.start()
			s.wait()
			s.stop(n, graceOfScheduler, 130)
			s.again("applied")
		},
		"sitting out 300 seconds": func(s *stopping) {
			s.hangs, s.answer = isWrite, &graphsim.Fault{Status: 429, Header: map[string][]string{"Retry-After": {"300"}}}
			n := s.start()
			s.wait()
			time.Sleep(300 * time.Millisecond)
			s.stop(n, graceOfScheduler/2, 130)
			s.again("went on with run")
		},
		"a write that hangs": func(s *stopping) {
			s.hangs = isWrite
			n := s.start()
			s.wait()
			s.stop(n, graceOfScheduler, 130)
			if !strings.Contains(n.out.String(), "interrupted") {
				s.Errorf("it does not say so: %s", n.out.String())
			}
			s.again("went on with run")
		},
		"a download that hangs": func(s *stopping) {
			text, err := os.ReadFile(s.config)
			if err != nil {
				s.Fatal(err)
			}
			s.write("sync.yaml", strings.Replace(string(text), "{file: hr.csv}", "{url: http://"+s.hang()+"/hr.csv}", 1))
			n := s.start()
			s.wait()
			s.stop(n, graceOfScheduler/2, 130)
			s.write("sync.yaml", string(text))
			s.again("applied")
		},
		"waiting for the lock": func(s *stopping) {
			s.hangs = isRead
			first := s.start()
			s.wait()
			second := s.start("--lock-wait", "10m")
			time.Sleep(time.Second)
			s.stop(second, graceOfScheduler/2, 130)
			s.stop(first, graceOfScheduler, 130)
			s.again("applied")
		},
		// What was to be done is done: the status is the night's own.
		"telling a webhook and a collector that hang": func(s *stopping) {
			s.env = append(s.env, "AUTHSEED_NOTIFY_URL=http://"+s.hang()+"/secret", "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+s.hang())
			s.args = []string{"--notify-on", "success"}
			n := s.start(s.args...)
			s.wait()
			s.stop(n, graceOfScheduler/2, 0)
			if said := n.said.String(); !strings.Contains(n.out.String(), "applied") || !strings.Contains(said, "warning: sending telemetry: ") || !strings.Contains(said, "warning: notifying 127.0.0.1:") || strings.Contains(said, "secret") {
				s.Errorf("it said %s%s", n.out.String(), said)
			}
			s.args, s.env = nil, s.env[:len(s.env)-2]
			s.again("unchanged")
		},
		"a write, the database, a webhook and a collector that hang": func(s *stopping) {
			address := os.Getenv("AUTHSEED_TEST_POSTGRES")
			if address == "" {
				s.Skip("no PostgreSQL to test with: AUTHSEED_TEST_POSTGRES=postgres://... names one that may be written to")
			}
			through, stall := stalling(s, address)
			s.env = append(s.env, "AUTHSEED_STATE="+through, "AUTHSEED_STATE_KEY=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
				"AUTHSEED_NOTIFY_URL=http://"+s.hang()+"/secret", "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+s.hang())
			writes := 0
			s.hangs = func(c graphsim.Call) bool {
				s.mu.Lock()
				defer s.mu.Unlock()
				if isWrite(c) {
					writes++
				}
				return isWrite(c) && writes > 20
			}
			n := s.start()
			s.wait()
			stall(true)
			s.stop(n, graceOfScheduler, 130)
			if said := n.said.String(); !strings.Contains(said, "the ledger does not know yet") || !strings.Contains(said, "the database went away") {
				s.Errorf("it said %s", said)
			}
			stall(false)
			s.env = s.env[:len(s.env)-2]
			s.again("went on with run")
		},
		// All is written, and the ledger is told of it by the next night.
		"telling a ledger in a database that hangs": func(s *stopping) {
			address := os.Getenv("AUTHSEED_TEST_POSTGRES")
			if address == "" {
				s.Skip("no PostgreSQL to test with: AUTHSEED_TEST_POSTGRES=postgres://... names one that may be written to")
			}
			through, stall := stalling(s, address)
			s.env = append(s.env, "AUTHSEED_STATE="+through, "AUTHSEED_STATE_KEY=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
			s.hangs = isWrite
			n := s.start()
			s.wait()
			stall(true)
			s.mend()
			s.journalEnds()
			s.stop(n, graceOfScheduler/2, 0)
			if !strings.Contains(n.said.String(), "the ledger does not know yet") {
				s.Errorf("it said %s", n.said.String())
			}
			stall(false)
			s.again("unchanged")
			text, err := os.ReadFile(filepath.Join(filepath.Dir(s.config), "state", "sync", "contoso", "memory.json"))
			if err != nil || strings.Contains(string(text), "unrecorded") {
				s.Errorf("the ledger was not told: %v %s", err, text)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newStopping(t))
		})
	}
}

// stalling gives the address of a database by way of a line that can be told to
// carry nothing.
func stalling(s *stopping, address string) (through string, stall func(bool)) {
	front, back, found := strings.Cut(address, "@")
	host, rest, _ := strings.Cut(back, "/")
	if !found {
		s.Fatal("AUTHSEED_TEST_POSTGRES has no user")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = listener.Close() })
	var mu sync.Mutex
	carries := sync.NewCond(&mu)
	stalled := false
	carry := func(to, from net.Conn) {
		defer to.Close()
		buffer := make([]byte, 1<<16)
		for {
			n, err := from.Read(buffer)
			mu.Lock()
			for stalled {
				carries.Wait()
			}
			mu.Unlock()
			if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
				return
			}
		}
	}
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", host)
			if err != nil {
				_ = near.Close()
				continue
			}
			go carry(near, far)
			go carry(far, near)
		}
	}()
	return front + "@" + listener.Addr().String() + "/" + rest, func(is bool) {
		mu.Lock()
		defer mu.Unlock()
		stalled = is
		carries.Broadcast()
	}
}
