package telemetry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"authseed/importer/private"
)

// lastSuccess is carried over from the file before, where a run was none.
const lastSuccess = "authseed_run_last_success_timestamp_seconds"

// family is one metric of the text format: its name, what it says, and its
// values for a run. All are gauges: a file tells of one run, and nothing in it
// counts on from the run before.
type family struct {
	name, help string
	samples    func(s *Summary) []sample
}

// sample is one value; label is a further one, such as result="done".
type sample struct {
	label, value string
	number       float64
}

func one(n float64) []sample { return []sample{{number: n}} }

func several(label string, counts []count) (all []sample) {
	for _, c := range counts {
		all = append(all, sample{label, c.label, float64(c.n)})
	}
	return all
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// families are the metrics of a run, in the order of the file. Names follow
// prometheus.io, "Metric and label naming": base units, no total on a gauge.
var families = []family{
	{"authseed_run_timestamp_seconds", "When the last run ended, as Unix time.", func(s *Summary) []sample { return one(seconds(s.Ended)) }},
	{"authseed_run_duration_seconds", "How long the last run took.", func(s *Summary) []sample { return one(s.Duration().Seconds()) }},
	{"authseed_run_exit_status", "Exit status of the last run; 0 is done.", func(s *Summary) []sample { return one(float64(s.ExitStatus)) }},
	{"authseed_run_outcome", "1 for how the last run ended, 0 for every other outcome.", func(s *Summary) (all []sample) {
		for _, o := range Outcomes() {
			n := 0.0
			if o == s.Outcome {
				n = 1
			}
			all = append(all, sample{"outcome", string(o), n})
		}
		return all
	}},
	{"authseed_run_planned_changes", "Changes the last run had to make.", func(s *Summary) []sample { return one(float64(s.Changes.Planned)) }},
	{"authseed_run_changes", "Changes of the last run by what became of them.", func(s *Summary) []sample { return several("result", s.Changes.results()) }},
	{"authseed_run_actions", "Changes of the last run by what they do.", func(s *Summary) []sample { return several("action", s.actions()) }},
	{"authseed_run_held_back_changes", "Changes held back because they are dangerous.", func(s *Summary) []sample { return one(float64(s.HeldBack)) }},
	{"authseed_run_skipped", "What was left out of the last run, by reason.", func(s *Summary) (all []sample) {
		for _, reason := range slices.Sorted(maps.Keys(s.Skipped)) {
			all = append(all, sample{"reason", reason, float64(s.Skipped[reason])})
		}
		return all
	}},
	{"authseed_run_rows", "Rows read by the last run.", func(s *Summary) []sample { return one(float64(s.Rows)) }},
	{"authseed_run_requests", "Round trips of the last run to the service.", func(s *Summary) []sample { return one(float64(s.Requests)) }},
	{"authseed_run_throttled_requests", "Items of the last run that the service refused for pace.", func(s *Summary) []sample { return one(float64(s.Throttled)) }},
	{"authseed_run_waits", "How often the last run waited for the service.", func(s *Summary) []sample { return one(float64(s.Waits)) }},
	{"authseed_run_wait_seconds", "How long the last run waited for the service.", func(s *Summary) []sample { return one(s.Waited.Seconds()) }},
}

// WriteMetrics writes the runs in the Prometheus text format, version 0.0.4
// (prometheus.io, "Exposition formats"), with the labels tenant and job. No two
// runs may share both.
func WriteMetrics(w io.Writer, runs ...*Summary) error { return writeMetrics(w, nil, runs) }

func writeMetrics(w io.Writer, before map[string]float64, runs []*Summary) error {
	var text bytes.Buffer
	for _, f := range append(slices.Clone(families), succeeded(before), built) {
		begun := false
		for _, s := range runs {
			for _, v := range f.samples(s) {
				if !begun {
					fmt.Fprintf(&text, "# HELP %s %s\n# TYPE %s gauge\n", f.name, f.help, f.name)
					begun = true
				}
				more := ""
				if v.label != "" {
					more = "," + v.label + "=" + quoted(v.value)
				}
				fmt.Fprintf(&text, "%s{%s%s} %s\n", f.name, labels(s), more, strconv.FormatFloat(v.number, 'f', -1, 64))
			}
		}
	}
	_, err := w.Write(text.Bytes())
	return err
}

var built = family{"authseed_run_info", "Always 1; which version made the last run.", func(s *Summary) []sample {
	return []sample{{"version", s.Version, 1}}
}}

// succeeded tells when the last good run was, which may be one of a file before.
func succeeded(before map[string]float64) family {
	return family{lastSuccess, "When the last run that ended well did so, as Unix time.", func(s *Summary) []sample {
		if s.Outcome.Good() {
			return one(seconds(s.Ended))
		}
		if at, ok := before[labels(s)]; ok {
			return one(at)
		}
		return nil
	}}
}

func labels(s *Summary) string { return "tenant=" + quoted(s.TenantID) + ",job=" + quoted(s.Job) }

var escape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

func quoted(value string) string { return `"` + escape.Replace(strings.ToValidUTF8(value, "?")) + `"` }

// SaveMetrics replaces the file, whole or not at all, readable by everybody, for
// the textfile collector runs as somebody else. The collector reads files named
// *.prom alone, so that the one being written is none for it. A run that was no
// success keeps the time of the last that was.
func SaveMetrics(name string, runs ...*Summary) error {
	failed := func(err error) error {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return fmt.Errorf("writing metrics to %s: %w", name, err)
	}
	file, err := os.CreateTemp(filepath.Dir(name), ".authseed-*")
	if err != nil {
		return failed(err)
	}
	defer os.Remove(file.Name())
	err = errors.Join(writeMetrics(file, earlier(name), runs), file.Chmod(0o644), file.Sync(), file.Close())
	if err == nil {
		err = private.Rename(file.Name(), name)
	}
	if err != nil {
		return failed(err)
	}
	return nil
}

// earlier finds the times of success in a file written before, by their labels.
// A file that is not there, or not ours, has none.
func earlier(name string) map[string]float64 {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	found := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), lastSuccess+"{")
		at := strings.LastIndex(rest, "} ")
		if !ok || at < 0 {
			continue
		}
		if n, err := strconv.ParseFloat(rest[at+2:], 64); err == nil {
			found[rest[:at]] = n
		}
	}
	return found
}
