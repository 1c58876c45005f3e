//go:build unix

package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"authseed/importer/graph/graphsim"
)

// Figures about the client alone need the tenant, and for memory the client as
// well, in a process of its own. The test binary is all of them: started with
// a job in its environment it does that instead of running tests.

const jobVariable = "AUTHSEED_TEST_JOB"

// job is what another process does, by the one that is set.
type job struct {
	Serve  *serveJob  `json:",omitempty"`
	Memory *memoryJob `json:",omitempty"`
}

func TestMain(m *testing.M) {
	text := os.Getenv(jobVariable)
	if text == "" {
		os.Exit(m.Run())
	}
	var j job
	err := json.Unmarshal([]byte(text), &j)
	switch {
	case err != nil:
	case j.Serve != nil:
		err = j.Serve.run()
	case j.Memory != nil:
		err = j.Memory.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// process makes another process for a job. What it says of errors is shown.
func process(t testing.TB, j job) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), jobVariable+"="+string(text))
	c.Stderr = os.Stderr
	return c
}

// serveJob serves a tenant of people who all have the same, on loopback, until
// standard input ends. It prints its service root, and at the end its stats.
type serveJob struct {
	People  int
	Have    string
	Latency time.Duration
}

func (s serveJob) run() error {
	simulator, err := graphsim.New(graphsim.Options{Tenant: tenantOf(crowd(s.People, s.Have)), Latency: s.Latency})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: simulator, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Shutdown(context.Background())
	}()
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode("http://" + listener.Addr().String() + "/v1.0"); err != nil {
		return err
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return out.Encode(simulator.Stats())
}

// served is a tenant in another process.
type served struct {
	url string
	end func() graphsim.Stats
}

// serve starts a tenant in another process. It ends with end, or at the latest
// with the test.
func serve(t testing.TB, s serveJob) served {
	t.Helper()
	c := process(t, job{Serve: &s})
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close() })
	says := json.NewDecoder(out)
	var url string
	if err := says.Decode(&url); err != nil {
		t.Fatal(err)
	}
	return served{url, func() (stats graphsim.Stats) {
		t.Helper()
		if err := errors.Join(in.Close(), says.Decode(&stats), c.Wait()); err != nil {
			t.Fatal(err)
		}
		return stats
	}}
}
