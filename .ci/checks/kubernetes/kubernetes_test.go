// Package kubernetes_test holds the samples against Kubernetes' own types: what
// they do not know, or what is of another kind, the server would refuse as well.
package kubernetes_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

func TestManifests(t *testing.T) {
	names, err := filepath.Glob("../../../samples/run/kubernetes/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no manifests: %v", err)
	}
	jobs := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for document := range bytes.SplitSeq(text, []byte("\n---\n")) {
			var kind struct{ APIVersion, Kind string }
			if err := yaml.Unmarshal(document, &kind); err != nil {
				t.Fatalf("%s: %v", filepath.Base(name), err)
			}
			var object any
			var job *batch.JobSpec
			switch kind.APIVersion + " " + kind.Kind {
			case "v1 ServiceAccount":
				object = new(core.ServiceAccount)
			case "batch/v1 Job":
				j := new(batch.Job)
				object, job = j, &j.Spec
			case "batch/v1 CronJob":
				j := new(batch.CronJob)
				object, job = j, &j.Spec.JobTemplate.Spec
			default:
				t.Fatalf("%s: %s %s", filepath.Base(name), kind.APIVersion, kind.Kind)
			}
			if err := yaml.UnmarshalStrict(document, object); err != nil {
				t.Errorf("%s: %s: %v", filepath.Base(name), kind.Kind, err)
			}
			if job != nil {
				jobs++
				wellFormed(t, filepath.Base(name), job)
			}
		}
	}
	if jobs != 2 {
		t.Errorf("%d jobs, want 2", jobs)
	}
}

// wellFormed are the server's rules that its types do not hold, as far as the
// samples come near them (kubernetes.io, "Jobs").
func wellFormed(t *testing.T, name string, job *batch.JobSpec) {
	if len(job.Template.Spec.Containers) != 1 {
		t.Fatalf("%s: %d containers", name, len(job.Template.Spec.Containers))
	}
	c := job.Template.Spec.Containers[0]
	if job.Template.Spec.RestartPolicy != core.RestartPolicyNever {
		t.Errorf("%s: a pod failure policy with restartPolicy %s", name, job.Template.Spec.RestartPolicy)
	}
	if job.BackoffLimitPerIndex != nil && (job.CompletionMode == nil || *job.CompletionMode != batch.IndexedCompletion) {
		t.Errorf("%s: a limit for each index without indexes", name)
	}
	if job.MaxFailedIndexes != nil && (job.Completions == nil || *job.MaxFailedIndexes > *job.Completions) {
		t.Errorf("%s: more indexes may fail than there are", name)
	}
	for i, r := range job.PodFailurePolicy.Rules {
		switch r.Action {
		case batch.PodFailurePolicyActionFailJob, batch.PodFailurePolicyActionIgnore, batch.PodFailurePolicyActionCount:
		case batch.PodFailurePolicyActionFailIndex:
			if job.BackoffLimitPerIndex == nil {
				t.Errorf("%s: rule %d: FailIndex without a limit for each index", name, i)
			}
		default:
			t.Errorf("%s: rule %d: action %s", name, i, r.Action)
		}
		if (r.OnExitCodes == nil) == (len(r.OnPodConditions) == 0) {
			t.Errorf("%s: rule %d: exit codes or conditions, and one of them", name, i)
		}
		if r.OnExitCodes != nil && *r.OnExitCodes.ContainerName != c.Name {
			t.Errorf("%s: rule %d: there is no container %s", name, i, *r.OnExitCodes.ContainerName)
		}
	}
	for _, q := range []core.ResourceList{c.Resources.Requests, c.Resources.Limits} {
		for resource, quantity := range q {
			if resource != core.ResourceCPU && resource != core.ResourceMemory || quantity.Sign() <= 0 {
				t.Errorf("%s: %s of %s", name, quantity.String(), resource)
			}
		}
	}
}
