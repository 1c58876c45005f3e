package run_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

var manifests = []string{"kubernetes/cronjob.yaml", "kubernetes/indexed-job.yaml"}

const bicep = "container-apps/job.bicep"

// The fields of Kubernetes' objects that the samples use (kubernetes.io, "CronJob",
// "Job" and "PodSpec" of the API reference); one that is not here is an error.
type (
	object map[string]any

	manifest struct {
		APIVersion                   string  `yaml:"apiVersion"`
		Kind                         string  `yaml:"kind"`
		Metadata                     meta    `yaml:"metadata"`
		AutomountServiceAccountToken *bool   `yaml:"automountServiceAccountToken"`
		Spec                         jobSpec `yaml:"spec"`
	}
	meta struct {
		Name         string            `yaml:"name"`
		GenerateName string            `yaml:"generateName"`
		Namespace    string            `yaml:"namespace"`
		Annotations  map[string]string `yaml:"annotations"`
		Labels       map[string]string `yaml:"labels"`
	}
	// jobSpec is a CronJob's with its jobTemplate, or a Job's with its template.
	jobSpec struct {
		Schedule                   string `yaml:"schedule"`
		TimeZone                   string `yaml:"timeZone"`
		ConcurrencyPolicy          string `yaml:"concurrencyPolicy"`
		StartingDeadlineSeconds    int64  `yaml:"startingDeadlineSeconds"`
		SuccessfulJobsHistoryLimit int32  `yaml:"successfulJobsHistoryLimit"`
		FailedJobsHistoryLimit     int32  `yaml:"failedJobsHistoryLimit"`
		JobTemplate                *struct {
			Spec jobSpec `yaml:"spec"`
		} `yaml:"jobTemplate"`

		CompletionMode          string `yaml:"completionMode"`
		Completions             int32  `yaml:"completions"`
		Parallelism             int32  `yaml:"parallelism"`
		BackoffLimit            *int32 `yaml:"backoffLimit"`
		BackoffLimitPerIndex    *int32 `yaml:"backoffLimitPerIndex"`
		MaxFailedIndexes        int32  `yaml:"maxFailedIndexes"`
		ActiveDeadlineSeconds   int64  `yaml:"activeDeadlineSeconds"`
		TTLSecondsAfterFinished int32  `yaml:"ttlSecondsAfterFinished"`
		PodFailurePolicy        struct {
			Rules []struct {
				Action      string `yaml:"action"`
				OnExitCodes struct {
					ContainerName string  `yaml:"containerName"`
					Operator      string  `yaml:"operator"`
					Values        []int32 `yaml:"values"`
				} `yaml:"onExitCodes"`
				OnPodConditions []struct {
					Type string `yaml:"type"`
				} `yaml:"onPodConditions"`
			} `yaml:"rules"`
		} `yaml:"podFailurePolicy"`
		Template struct {
			Metadata meta    `yaml:"metadata"`
			Spec     podSpec `yaml:"spec"`
		} `yaml:"template"`
	}
	podSpec struct {
		ServiceAccountName            string   `yaml:"serviceAccountName"`
		AutomountServiceAccountToken  *bool    `yaml:"automountServiceAccountToken"`
		RestartPolicy                 string   `yaml:"restartPolicy"`
		TerminationGracePeriodSeconds int64    `yaml:"terminationGracePeriodSeconds"`
		SecurityContext               security `yaml:"securityContext"`
		Containers                    []struct {
			Name            string            `yaml:"name"`
			Image           string            `yaml:"image"`
			Args            []string          `yaml:"args"`
			Env             []object          `yaml:"env"`
			Resources       map[string]object `yaml:"resources"`
			SecurityContext security          `yaml:"securityContext"`
			VolumeMounts    []struct {
				Name      string `yaml:"name"`
				MountPath string `yaml:"mountPath"`
				ReadOnly  bool   `yaml:"readOnly"`
			} `yaml:"volumeMounts"`
		} `yaml:"containers"`
		Volumes []struct {
			Name      string `yaml:"name"`
			ConfigMap object `yaml:"configMap"`
			Claim     object `yaml:"persistentVolumeClaim"`
			EmptyDir  object `yaml:"emptyDir"`
		} `yaml:"volumes"`
	}
	security struct {
		RunAsNonRoot             bool                `yaml:"runAsNonRoot"`
		RunAsUser                int64               `yaml:"runAsUser"`
		RunAsGroup               int64               `yaml:"runAsGroup"`
		FSGroup                  int64               `yaml:"fsGroup"`
		SeccompProfile           map[string]string   `yaml:"seccompProfile"`
		AllowPrivilegeEscalation *bool               `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRootFilesystem   bool                `yaml:"readOnlyRootFilesystem"`
		Capabilities             map[string][]string `yaml:"capabilities"`
	}
)

// jobs are the jobs of a file, a CronJob's being its template's.
func jobs(t *testing.T, name string) []jobSpec {
	t.Helper()
	var all []jobSpec
	d := yaml.NewDecoder(strings.NewReader(read(t, name)), yaml.DisallowUnknownField())
	for {
		var m manifest
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if m.Metadata.Namespace != "authseed" || m.Metadata.Name+m.Metadata.GenerateName == "" {
			t.Errorf("%s: %s has no name or namespace", name, m.Kind)
		}
		switch m.APIVersion + " " + m.Kind {
		case "v1 ServiceAccount":
		case "batch/v1 Job":
			all = append(all, m.Spec)
		case "batch/v1 CronJob":
			if m.Spec.JobTemplate == nil || m.Spec.ConcurrencyPolicy != "Forbid" || len(strings.Fields(m.Spec.Schedule)) != 5 {
				t.Fatalf("%s: no template, no schedule, or two jobs at once", name)
			}
			all = append(all, m.Spec.JobTemplate.Spec)
		default:
			t.Errorf("%s: %s %s", name, m.APIVersion, m.Kind)
		}
	}
}

func TestKubernetes(t *testing.T) {
	for _, name := range manifests {
		t.Run(name, func(t *testing.T) {
			all := jobs(t, name)
			if len(all) != 1 || len(all[0].Template.Spec.Containers) != 1 {
				t.Fatal("want one job with one container")
			}
			job, pod := all[0], all[0].Template.Spec
			c := pod.Containers[0]
			if s := c.SecurityContext; !pod.SecurityContext.RunAsNonRoot || !s.ReadOnlyRootFilesystem || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation {
				t.Error("it runs as root, may become root, or may write its own image")
			}
			// A pod failure policy wants it (kubernetes.io, "Handling retriable and
			// non-retriable pod failures").
			if pod.RestartPolicy != "Never" {
				t.Errorf("restartPolicy is %q", pod.RestartPolicy)
			}
			if job.Template.Metadata.Labels["azure.workload.identity/use"] != "true" || pod.ServiceAccountName != "authseed" {
				t.Error("it has no workload identity")
			}
			for _, r := range job.PodFailurePolicy.Rules {
				if len(r.OnPodConditions) > 0 && r.OnExitCodes.Values == nil {
					continue // TestStopping looks at them
				}
				if r.OnExitCodes.ContainerName != c.Name || r.OnExitCodes.Operator != "In" ||
					r.Action != "FailJob" && (r.Action != "FailIndex" || job.BackoffLimitPerIndex == nil) {
					t.Errorf("rule %+v", r)
				}
			}
			volumes := map[string]int{}
			for _, v := range pod.Volumes {
				volumes[v.Name]++
			}
			for _, m := range c.VolumeMounts {
				volumes[m.Name]++
			}
			for volume, n := range volumes {
				if n != 2 {
					t.Errorf("volume %s is not there, twice there or not mounted", volume)
				}
			}
			if shard := c.Args[len(c.Args)-1]; job.CompletionMode == "Indexed" && shard != "$(JOB_COMPLETION_INDEX)/10" || job.Completions != 0 && job.Completions != 10 {
				t.Errorf("shard %s of %d", shard, job.Completions)
			}
		})
	}
}

// TestBicep looks at the text alone: there is no compiler for it among the
// packages that the tests may install.
func TestBicep(t *testing.T) {
	text := regexp.MustCompile(`(?m)^\s*//.*$`).ReplaceAllString(read(t, bicep), "")
	for _, p := range regexp.MustCompile(`(?m)^param (\w+) `).FindAllStringSubmatch(text, -1) {
		if n := len(regexp.MustCompile(`\b`+p[1]+`\b`).FindAllString(text, -1)); n < 2 {
			t.Errorf("parameter %s is not used", p[1])
		}
	}
	for _, r := range regexp.MustCompile(`(?m)^resource .*$`).FindAllString(text, -1) {
		if !regexp.MustCompile(`^resource \w+ 'Microsoft\.\w+/\w+@\d{4}-\d\d-\d\d' (existing )?= \{$`).MatchString(r) {
			t.Errorf("no resource with its version: %s", r)
		}
	}
	bare := regexp.MustCompile(`'[^'\n]*'`).ReplaceAllString(text, "")
	if strings.Contains(bare, "'") {
		t.Error("a quote is not closed")
	}
	var open []rune
	pairs := map[rune]rune{'}': '{', ']': '[', ')': '('}
	for _, r := range bare {
		switch r {
		case '{', '[', '(':
			open = append(open, r)
		case '}', ']', ')':
			if len(open) == 0 || open[len(open)-1] != pairs[r] {
				t.Fatalf("a %c closes nothing", r)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%q is not closed", open)
	}
}

type workflow struct {
	Jobs map[string]struct {
		Environment string            `yaml:"environment"`
		Permissions map[string]string `yaml:"permissions"`
		Steps       []struct {
			Name string `yaml:"name"`
			Run  string `yaml:"run"`
		} `yaml:"steps"`
	} `yaml:"jobs"`
}

// script is what a step runs.
func (w workflow) script(t *testing.T, job, step string) string {
	t.Helper()
	for _, s := range w.Jobs[job].Steps {
		if s.Name == step {
			return s.Run
		}
	}
	t.Fatalf("job %s has no step %s", job, step)
	return ""
}

// TestGitHubActions runs what the workflow runs, on the sample's tenant: the plan
// has changes, they are applied, and the next plan is empty.
func TestGitHubActions(t *testing.T) {
	bash := tool(t, "bash")
	authseed := program(t)
	var w workflow
	if err := yaml.Unmarshal([]byte(read(t, "github-actions/authseed.yml")), &w); err != nil {
		t.Fatal(err)
	}
	if w.Jobs["apply"].Environment == "" || w.Jobs["plan"].Permissions["id-token"] != "write" || w.Jobs["apply"].Permissions["pull-requests"] != "" {
		t.Error("an apply nobody approves, a plan that cannot sign in, or an apply that may comment")
	}
	dir := t.TempDir()
	for name, from := range map[string]string{"mapping.yaml": "mapping.yaml", "tenant.json": "tenant.json", "workers.csv": "workers.csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(read(t, "../contoso/"+from)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(job, step string) (output, summary string) {
		t.Helper()
		files := t.TempDir()
		cmd := exec.Command(bash, "-e", "-o", "pipefail", "-c", w.script(t, job, step))
		cmd.Dir = dir
		cmd.Env = []string{
			"PATH=" + filepath.Dir(authseed) + string(filepath.ListSeparator) + os.Getenv("PATH"),
			"SOURCE=workers.csv", "AUTHSEED_NO_INPUT=true", "AUTHSEED_STATE_DIR=" + filepath.Join(dir, "state"),
			"AUTHSEED_SANDBOX=" + filepath.Join(dir, "tenant.json"),
			"GITHUB_OUTPUT=" + filepath.Join(files, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(files, "summary"),
		}
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v\n%s", step, err, said.String())
		}
		told, _ := os.ReadFile(filepath.Join(files, "output")) // an apply tells nothing
		return string(told), read(t, filepath.Join(files, "summary"))
	}
	if told, summary := run("plan", "Plan"); told != "pending=true\n" || !strings.Contains(summary, "workers.csv") {
		t.Errorf("the first plan tells %q\n%.2000s", told, summary)
	}
	run("apply", "Apply")
	if _, err := os.Stat(filepath.Join(dir, "plan.json")); err == nil {
		t.Error("the saved plan, with clear values, is left behind")
	}
	if told, summary := run("plan", "Plan"); told != "pending=false\n" {
		t.Errorf("the second plan tells %q\n%.2000s", told, summary)
	}
}
