package telemetry_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"authseed/importer/telemetry"
)

func aRun() *telemetry.Summary {
	begun := time.Date(2026, 11, 5, 2, 0, 0, 0, time.UTC)
	return &telemetry.Summary{
		Version: "1.2.3", Command: "apply", Job: "nightly", TenantID: "tenant-1", Tenant: "Contoso [x](https://example.com)", RunID: "run-1", PlanID: "plan-1",
		Outcome: telemetry.Incomplete, ExitStatus: 3, Started: begun, Ended: begun.Add(90 * time.Second),
		Phases:  []telemetry.Phase{{Name: "plan", Started: begun, Ended: begun.Add(time.Minute)}, {Name: "apply", Started: begun.Add(time.Minute)}},
		Changes: telemetry.Changes{Planned: 10, Done: 6, Failed: 1, Stale: 1, Unknown: 1, Pending: 1},
		Created: 7, Updated: 2, Deleted: 1, HeldBack: 4, Skipped: map[string]int{"no-match": 2, "guest": 1}, Rows: 20,
		Requests: 12, Throttled: 3, Waits: 1, Waited: 1500 * time.Millisecond,
	}
}

var (
	sampleLine = regexp.MustCompile(`^([a-z_]+)\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\} (-?[0-9.]+)$`)
	headLine   = regexp.MustCompile(`^# (HELP|TYPE) ([a-z_]+) (.+)$`)
)

// exposition reads the text format as strictly as it is described: of each name
// one HELP, one TYPE and all samples side by side, and no series twice.
func exposition(t *testing.T, text string) map[string]float64 {
	t.Helper()
	if !strings.HasSuffix(text, "\n") {
		t.Error("the last line has no end")
	}
	series, closed, current := map[string]float64{}, map[string]bool{}, ""
	heads := map[string]int{}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if m := headLine.FindStringSubmatch(line); m != nil {
			if m[2] != current {
				closed[current], current = true, m[2]
			}
			if heads[m[1]+m[2]]++; heads[m[1]+m[2]] > 1 || closed[m[2]] {
				t.Errorf("%s again: %s", m[2], line)
			}
			if m[1] == "TYPE" && m[3] != "gauge" {
				t.Errorf("no type: %s", line)
			}
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		if m == nil || m[1] != current || heads["TYPE"+m[1]] != 1 || heads["HELP"+m[1]] != 1 {
			t.Errorf("not a sample of %s: %s", current, line)
			continue
		}
		key := m[1] + "{" + m[2] + "}"
		if _, twice := series[key]; twice {
			t.Errorf("twice: %s", line)
		}
		n, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			t.Error(err)
		}
		series[key] = n
	}
	return series
}

func TestMetrics(t *testing.T) {
	other := aRun()
	other.TenantID, other.Job, other.Outcome = "tenant-2", "a \"b\"\\c\nd", telemetry.Done
	var text bytes.Buffer
	if err := telemetry.WriteMetrics(&text, aRun(), other); err != nil {
		t.Fatal(err)
	}
	got := exposition(t, text.String())
	whose := `tenant="tenant-1",job="nightly"`
	for name, want := range map[string]float64{
		`authseed_run_changes{` + whose + `,result="done"}`:         6,
		`authseed_run_changes{` + whose + `,result="pending"}`:      1,
		`authseed_run_planned_changes{` + whose + `}`:               10,
		`authseed_run_exit_status{` + whose + `}`:                   3,
		`authseed_run_duration_seconds{` + whose + `}`:              90,
		`authseed_run_timestamp_seconds{` + whose + `}`:             1793844090,
		`authseed_run_outcome{` + whose + `,outcome="incomplete"}`:  1,
		`authseed_run_outcome{` + whose + `,outcome="done"}`:        0,
		`authseed_run_skipped{` + whose + `,reason="no-match"}`:     2,
		`authseed_run_wait_seconds{` + whose + `}`:                  1.5,
		`authseed_run_rows{tenant="tenant-2",job="a \"b\"\\c\nd"}`:  20,
		`authseed_run_info{` + whose + `,version="1.2.3"}`:          1,
		`authseed_run_throttled_requests{` + whose + `}`:            3,
		`authseed_run_actions{` + whose + `,action="update"}`:       2,
		`authseed_run_held_back_changes{` + whose + `}`:             4,
		`authseed_run_requests{` + whose + `}`:                      12,
		`authseed_run_outcome{` + whose + `,outcome="interrupted"}`: 0,
	} {
		if n, ok := got[name]; !ok || n != want {
			t.Errorf("%s = %v, %v; want %v", name, n, ok, want)
		}
	}
	if _, ok := got[`authseed_run_last_success_timestamp_seconds{`+whose+`}`]; ok {
		t.Error("a run that failed says when it succeeded")
	}
}

func TestMetricsFileKeepsTheLastSuccess(t *testing.T) {
	name := filepath.Join(t.TempDir(), "authseed.prom")
	good := aRun()
	good.Outcome, good.ExitStatus = telemetry.Done, 0
	bad := aRun()
	bad.Ended = bad.Ended.Add(24 * time.Hour)
	for _, s := range []*telemetry.Summary{good, bad, bad} {
		if err := telemetry.SaveMetrics(name, s); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got := exposition(t, string(text))
	whose := `{tenant="tenant-1",job="nightly"}`
	if got["authseed_run_last_success_timestamp_seconds"+whose] != 1793844090 || got["authseed_run_timestamp_seconds"+whose] != 1793844090+86400 {
		t.Errorf("%s", text)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(name), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := telemetry.SaveMetrics(filepath.Join(name, "no-folder.prom"), good); err == nil {
		t.Error("written into a file")
	}
}

// hook answers each post with the next status and keeps the last body.
func hook(t *testing.T, statuses ...int) (address string, body func() []byte, posts *atomic.Int32) {
	posts = new(atomic.Int32)
	var last atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		last.Store(text)
		n := int(posts.Add(1))
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(statuses[min(n, len(statuses))-1])
	}))
	t.Cleanup(server.Close)
	return server.URL + "/secret-path?sig=s3cret", func() []byte { return last.Load().([]byte) }, posts
}

func TestNotify(t *testing.T) {
	for _, c := range []struct {
		statuses []int
		posts    int32
		fails    string
	}{
		{[]int{202}, 1, ""},
		{[]int{503, 200}, 2, ""},
		{[]int{400, 200}, 1, "the answer was 400"},
		{[]int{302, 200}, 1, "the answer was 302"},
		{[]int{500}, 3, "the answer was 500"},
	} {
		t.Run(strconv.Itoa(c.statuses[0]), func(t *testing.T) {
			t.Parallel()
			address, body, posts := hook(t, c.statuses...)
			w, err := telemetry.NewWebhook(address, telemetry.JSON)
			if err != nil {
				t.Fatal(err)
			}
			err = w.Notify(t.Context(), aRun())
			switch {
			case posts.Load() != c.posts:
				t.Errorf("%d posts, want %d", posts.Load(), c.posts)
			case (err == nil) != (c.fails == ""), err != nil && !strings.HasSuffix(err.Error(), c.fails):
				t.Errorf("%v, want %q", err, c.fails)
			case err != nil && strings.Contains(err.Error(), "secret"), err != nil && strings.Contains(err.Error(), "s3cret"):
				t.Errorf("the address is told: %v", err)
			}
			var got struct {
				FormatVersion int `json:"format_version"`
				Event         string
				Changes       map[string]int
				ExitStatus    int `json:"exit_status"`
			}
			if err := json.Unmarshal(body(), &got); err != nil || got.FormatVersion != 1 || got.Event != "failure" || got.Changes["done"] != 6 || got.ExitStatus != 3 {
				t.Errorf("%s: %v", body(), err)
			}
		})
	}
}

// A webhook that hangs costs three times ten seconds and the pauses, and no more.
func TestNotifyHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, err := telemetry.NewWebhook("https://hooks.example.com/secret", telemetry.JSON)
		if err != nil {
			t.Fatal(err)
		}
		before := http.DefaultTransport
		http.DefaultTransport = hanging{}
		defer func() { http.DefaultTransport = before }()
		began := time.Now()
		err = w.Notify(t.Context(), aRun())
		if err == nil || err.Error() != "notifying hooks.example.com: no answer in time" {
			t.Error(err)
		}
		if took := time.Since(began); took != 33*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// trickling answers at once, and ends its answer never.
type trickling int

func (status trickling) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: int(status), Request: r, Body: io.NopCloser(byteByByte{r.Context()})}, nil
}

type byteByByte struct{ context.Context }

func (b byteByByte) Read(to []byte) (int, error) {
	select {
	case <-b.Done():
		return 0, b.Err()
	case <-time.After(time.Second):
		return copy(to[:1], " "), nil
	}
}

// A webhook that trickles costs no more than one that hangs; what it said first
// counts.
func TestNotifyTrickles(t *testing.T) {
	for status, want := range map[int]struct {
		took time.Duration
		err  string
	}{
		202: {10 * time.Second, ""},
		404: {10 * time.Second, "notifying hooks.example.com: the answer was 404"},
		503: {33 * time.Second, "notifying hooks.example.com: the answer was 503"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, err := telemetry.NewWebhook("https://hooks.example.com/secret", telemetry.JSON)
			if err != nil {
				t.Fatal(err)
			}
			before := http.DefaultTransport
			http.DefaultTransport = trickling(status)
			defer func() { http.DefaultTransport = before }()
			began := time.Now()
			said := ""
			if err := w.Notify(t.Context(), aRun()); err != nil {
				said = err.Error()
			}
			if took := time.Since(began); took != want.took || said != want.err {
				t.Errorf("%d: %q after %v, want %q after %v", status, said, took, want.err, want.took)
			}
		})
	}
}

// Somebody who wants the process gone ends the telling at once.
func TestNotifyInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, err := telemetry.NewWebhook("https://hooks.example.com/secret", telemetry.JSON)
		if err != nil {
			t.Fatal(err)
		}
		before := http.DefaultTransport
		http.DefaultTransport = hanging{}
		defer func() { http.DefaultTransport = before }()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(12*time.Second, cancel)
		began := time.Now()
		if err := w.Notify(ctx, aRun()); err == nil || time.Since(began) != 12*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestAddresses(t *testing.T) {
	for address, good := range map[string]bool{
		"https://hooks.example.com/a?sig=b": true, "http://127.0.0.1:8080/": true, "http://localhost/": true, "http://[::1]:1/": true,
		"http://hooks.example.com/": false, "https://": false, "hooks.example.com": false, "ftp://localhost/": false, "https://a b/\x7f": false,
	} {
		_, err := telemetry.NewWebhook(address, telemetry.Teams)
		if (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestTeamsCard(t *testing.T) {
	address, body, _ := hook(t, 202)
	w, err := telemetry.NewWebhook(address, telemetry.Teams)
	if err != nil {
		t.Fatal(err)
	}
	s := aRun()
	s.Outcome, s.ExitStatus, s.Error, s.Hint = telemetry.Refused, 4, "12 changes are more than --max-changes 10", "look at the plan"
	if err := w.Notify(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, body(), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	golden := filepath.Join("testdata", "card.json")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%v\n%s", err, got.String())
	}
}

func TestExport(t *testing.T) {
	var spans, metrics atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			unzip, zipErr := gzip.NewReader(bytes.NewReader(text))
			if zipErr == nil {
				text, zipErr = io.ReadAll(unzip)
			}
			err = errors.Join(err, zipErr)
		}
		if err != nil || r.Header.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("%s: %v", r.Header.Get("Content-Type"), err)
		}
		switch r.URL.Path {
		case "/v1/traces":
			spans.Store(text)
		case "/v1/metrics":
			metrics.Store(text)
		}
	}))
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	if err := telemetry.Export(t.Context(), aRun()); err != nil {
		t.Fatal(err)
	}
	checkTrace(t, spans.Load())
	var got colmetrics.ExportMetricsServiceRequest
	if text, ok := metrics.Load().([]byte); !ok || proto.Unmarshal(text, &got) != nil {
		t.Fatal("no metrics")
	}
	sum := map[string]int64{}
	for _, m := range got.ResourceMetrics[0].ScopeMetrics[0].Metrics {
		for _, p := range m.GetSum().GetDataPoints() {
			sum[m.Name] += p.GetAsInt()
		}
		for _, p := range m.GetGauge().GetDataPoints() {
			sum[m.Name] += p.GetAsInt() + int64(p.GetAsDouble())
		}
	}
	for name, want := range map[string]int64{
		"authseed.run.changes": 10, "authseed.run.skipped": 3, "authseed.run.requests": 12, "authseed.run.duration": 90, "authseed.run.exit_status": 3,
	} {
		if sum[name] != want {
			t.Errorf("%s is %d, want %d", name, sum[name], want)
		}
	}
}

func checkTrace(t *testing.T, sent any) {
	t.Helper()
	var got coltrace.ExportTraceServiceRequest
	if text, ok := sent.([]byte); !ok || proto.Unmarshal(text, &got) != nil {
		t.Fatal("no trace")
	}
	var names []string
	for _, r := range got.ResourceSpans {
		if !strings.Contains(r.Resource.String(), `"authseed"`) {
			t.Errorf("resource %v", r.Resource)
		}
		for _, s := range r.ScopeSpans[0].Spans {
			names = append(names, s.Name+" "+time.Duration(s.EndTimeUnixNano-s.StartTimeUnixNano).String())
			if s.Name == "authseed apply" && s.Status.GetCode().String() != "STATUS_CODE_ERROR" {
				t.Errorf("the run's span says %v", s.Status)
			}
			if id := s.TraceId; len(id) != 16 || id[0] != 0x0a || id[1] != 0xf7 {
				t.Errorf("%s is of trace %x", s.Name, id)
			}
		}
	}
	if got := strings.Join(names, ", "); got != "plan 1m0s, apply 30s, authseed apply 1m30s" {
		t.Error(got)
	}
}

// A collector that hangs, or is not there, holds nobody up.
func TestExportHangs(t *testing.T) {
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer server.Close()
	defer close(stop)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := telemetry.Export(ctx, aRun()); err == nil || strings.Contains(err.Error(), server.URL) {
		t.Error(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

// Nor does one that trickles its answer, or refuses.
func TestExportTrickles(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request){
		"trickles": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/x-protobuf")
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte{0})
				w.(http.Flusher).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		},
		"refuses": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		"is busy": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(answer))
			defer server.Close()
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", strings.Replace(server.URL, "://", "://user:hunter2@", 1)+"/hunter3")
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			began := time.Now()
			if err := telemetry.Export(ctx, aRun()); err == nil || strings.Contains(err.Error(), "hunter") {
				t.Error(err)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestExportOnlyWhereWanted(t *testing.T) {
	if err := telemetry.Export(t.Context(), aRun()); err != nil {
		t.Error(err)
	}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	if err := telemetry.Export(t.Context(), aRun()); !errors.Is(err, telemetry.ErrProtocol) {
		t.Error(err)
	}
	t.Setenv("OTEL_SDK_DISABLED", "true")
	if err := telemetry.Export(t.Context(), aRun()); err != nil {
		t.Error(err)
	}
}
