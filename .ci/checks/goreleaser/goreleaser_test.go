// Package goreleaser_test reads the configuration of a release as GoReleaser does,
// by its own code, without all of it, which takes a quarter of an hour to compile.
package goreleaser_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
)

func TestConfiguration(t *testing.T) {
	project, err := config.Load("../../../.goreleaser.yaml") // an unknown key is an error
	if err != nil {
		t.Fatal(err)
	}
	deprecated(t, reflect.ValueOf(project), "")

	if len(project.Builds) != 1 {
		t.Fatalf("%d builds", len(project.Builds))
	}
	b := project.Builds[0]
	want(t, "systems", b.Goos, "linux", "windows", "darwin")
	want(t, "processors", b.Goarch, "amd64", "arm64")
	want(t, "environment", b.Env, "CGO_ENABLED=0")
	want(t, "flags", b.Flags, "-trimpath", "-buildvcs=false")
	if b.ModTimestamp == "" || !strings.Contains(strings.Join(project.Before.Hooks, "\n"), "SOURCE_DATE_EPOCH={{ .CommitTimestamp }} go run ./cmd/authseed man ") {
		t.Error("programs or man pages are dated by the clock")
	}
	if len(project.Archives) != 1 || len(project.SBOMs) == 0 || project.Checksum.Algorithm != "sha256" {
		t.Error("no archives, no bill of materials or no checksums")
	}
	for _, f := range project.Archives[0].Files {
		if f.Info.MTime == "" {
			t.Errorf("%s is dated by the clock", f.Source)
		}
	}
	if len(project.Winget) != 1 || len(project.Scoops) != 1 || len(project.Casks) != 1 {
		t.Error("a package manager has no manifest")
	}
	for _, w := range project.Winget {
		if w.Publisher == "" || w.License == "" || w.ShortDescription == "" || w.Repository.Name == "" {
			t.Error("winget wants publisher, licence, short description and repository")
		}
	}
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s %q, want %q", what, got, want)
	}
}

// deprecated looks for keys that are set and that GoReleaser is about to drop.
func deprecated(t *testing.T, v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if strings.Contains(field.Tag.Get("jsonschema"), "deprecated=true") && !v.Field(i).IsZero() {
				t.Errorf("%s.%s is deprecated", path, name)
			}
			deprecated(t, v.Field(i), path+"."+name)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			deprecated(t, v.Index(i), path)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			deprecated(t, v.Elem(), path)
		}
	}
}
