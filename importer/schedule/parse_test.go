package schedule_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"authseed/importer/schedule"
)

const id = "11111111-2222-3333-4444-5555555555ab"

// whole says everything that a configuration can.
const whole = `version: 1
parallel: 2
defaults:
  tenant: {cloud: usgov, auth: certificate, certificate: keys/app.pem, certificate_password: {file: /run/password}}
  limits: {max_changes: 500, max_change_percent: "5 %", max_replace: 3%, max_remove: 0, min_rows: 90%, max_lost_percent: 2.5, max_unmatched_percent: 30}
  policy: {mobile: own, office: fill}
  approvals: {signers: keys/allowed_signers, required: 2, over: 50, requester: hr@example.com}
  notifications: {url: {file: keys/hook}, format: teams, on: [failure, success], metrics_file: /var/lib/metrics/authseed.prom}
  encrypt_to: [age1abc, keys/officers.txt]
tenants:
  - name: contoso
    tenant: {id: ` + id + `, client_id: app, rate: 2.5, concurrency: 4}
    source: {url: https://hr.example.com/export.csv, authorization: {env: HR_TOKEN}, query: {env: HR_QUERY}, max_mib: 20, max_age: 36h}
    mapping: mapping.yaml
    scope: {group: Pilot, filter: "department eq 'Sales'"}
    allow: [shared-number, "own-domain-email:people.csv"]
    include: [guest]
    never: never.txt
    reports: {folder: reports, html: true}
    reads: full
    full_every: 30
    strict: true
    policy: {office: replace, email: replace, alternateMobile: own}
    approvals: {required: 0}
  - name: fabrikam
    tenant: {id: ` + id + `, auth: secret, certificate: "", client_secret: {env: SECRET}}
    source: {directory: true}
`

func TestParse(t *testing.T) {
	text := strings.Replace(whole, `, certificate: "", client_secret: {env: SECRET}`, "", 1)
	text = strings.Replace(text, "auth: secret", "auth: certificate", 1)
	file, err := schedule.Parse(filepath.FromSlash("/etc/authseed/sync.yaml"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Tenants) != 2 || file.Parallel != 2 {
		t.Fatalf("%+v", file)
	}
	j, other := file.Tenants[0], file.Tenants[1]
	for what, got := range map[string][2]string{
		"of its own folder": {j.Mapping, "/etc/authseed/mapping.yaml"}, "allowed people": {j.Allow[1], "own-domain-email:/etc/authseed/people.csv"},
		"of the defaults": {other.Tenant.Certificate, "/etc/authseed/keys/app.pem"}, "a whole path": {j.Tenant.CertificatePassword.File, "/run/password"},
		"a recipient": {j.EncryptTo[0], "age1abc"}, "a file of recipients": {j.EncryptTo[1], "/etc/authseed/keys/officers.txt"},
		"signers": {other.Approvals.Signers, "/etc/authseed/keys/allowed_signers"}, "address": {other.Notifications.URL.File, "/etc/authseed/keys/hook"},
		"requester": {other.Requester(), "hr@example.com"}, "without approvals": {j.Requester(), ""}, "own policy": {string(j.Policy.Office), "replace"}, "shared policy": {string(j.Policy.Mobile), "own"},
		"a place": {other.Place("policy.office"), "/etc/authseed/sync.yaml:6:33"}, "an own place": {j.Place("allow[1]"), "/etc/authseed/sync.yaml:16:28"}, "no place": {j.Place("preset"), ""},
		"cloud": {j.Tenant.Cloud, "usgov"}, "limit": {j.Limits.MaxReplace.String(), "3%"}, "share": {j.Limits.MaxChangePercent.String(), "5"},
	} {
		if filepath.ToSlash(got[0]) != got[1] {
			t.Errorf("%s: %q, want %q", what, got[0], got[1])
		}
	}
	if j.Approvals.Need() != 0 || other.Approvals.Need() != 2 || other.Approvals.Over != 50 || !j.Strict || other.Strict {
		t.Errorf("%+v, %+v", j.Approvals, other.Approvals)
	}
	if j.Limits.MaxReplace == other.Limits.MaxReplace {
		t.Error("two tenants share a limit")
	}
	if time.Duration(j.Source.MaxAge) != 36*time.Hour || j.Full() != 30 || other.Full() != 7 || j.Source.MaxBytes() != 20<<20 {
		t.Errorf("%+v", j)
	}
}

func TestParseRefuses(t *testing.T) {
	job := func(keys string) string {
		return "version: 1\ntenants:\n  - name: a\n    tenant: {id: " + id + "}\n    source: {file: hr.csv}\n    " + keys + "\n"
	}
	tenant := func(keys string) string {
		return "version: 1\ntenants:\n  - name: a\n    source: {file: hr.csv}\n    tenant:\n      id: " + id + "\n      " + keys + "\n"
	}
	source := func(keys string) string {
		return "version: 1\ntenants:\n  - name: a\n    tenant: {id: " + id + "}\n    source: {" + keys + "}\n"
	}
	for name, c := range map[string]struct{ text, want string }{
		"nothing":             {"", "1:1: the configuration is empty"},
		"no version":          {"tenants: []", "1:1: missing key `version`"},
		"newer version":       {"version: 2\nnew: key", "1:10: version 2 of the configuration is newer than this authseed, which reads version 1"},
		"no tenants":          {"version: 1\n", "1:1: the configuration has no tenants"},
		"unknown key":         {job("mappping: x"), "6:5: unknown key `mappping`; did you mean `mapping`?"},
		"unknown inner key":   {job("limits: {max-changes: 3}"), "6:14: unknown key `max-changes`; did you mean `max_changes`?"},
		"key twice":           {job("mapping: x\n    mapping: y"), "7:5: `mapping` is given twice"},
		"two mappings":        {job("mapping: x\n    preset: workday"), "7:13: mapping and preset are two mappings"},
		"not a number":        {job("limits: {max_changes: many}"), "6:27: max_changes: a number from 0 is expected"},
		"not a share":         {job("limits: {max_change_percent: 110}"), "6:34: max_change_percent: not a percentage from 0% to 100%"},
		"not a span":          {source("file: x, max_age: tomorrow"), "5:32: max_age: not a span of time above 0"},
		"not a list":          {job("allow: shared-number"), "6:12: allow: a list is expected"},
		"not a block":         {job("scope: Pilot"), "6:12: scope: a block of keys with values is expected"},
		"not true":            {job("reports: {html: yes}"), "6:21: html: true or false is expected"},
		"empty":               {job("mapping:"), "6:14: mapping: a text that is not empty is expected"},
		"unknown hazard":      {job("allow: [shared-numbers]"), "6:13: unknown hazard `shared-numbers`; did you mean `shared-number`?"},
		"not a policy":        {job("policy: {mobile: fil}"), "6:22: unknown policy `fil`"},
		"not a method":        {job("policy: {fax: fill}"), "6:14: unknown key `fax`"},
		"a hazard's no file":  {job(`allow: ["shared-number:"]`), "6:13: allow: shared-number: names no file"},
		"whose approvals":     {job("approvals: {required: 2}"), "6:17: approvals says how many, but not whose: signers is missing"},
		"over of whom":        {job("approvals: {over: 2}"), "6:17: approvals says how many, but not whose: signers is missing"},
		"two names":           {job("approvals: {signers: x, requester: Ada Byron}"), "6:40: requester is not one name"},
		"half an approval":    {job("approvals: {signers: x, required: 1.5}"), "6:39: required: a number from 0 is expected"},
		"literal address":     {job("notifications: {url: https://hooks.example.com/hunter2}"), "6:26: url says where a secret is kept, and a text stands there; a secret has no place in this file"},
		"address as variable": {job(`notifications: {url: {env: "https://hooks.example.com/hunter2"}}`), "6:32: env of url is not the name of an environment variable"},
		"address twice":       {job("notifications: {url: {env: A, file: B}}"), "6:27: url is kept in one place: env or file"},
		"unknown format":      {job("notifications: {url: {env: A}, format: team}"), "6:44: unknown format `team`"},
		"unknown event":       {job("notifications: {url: {env: A}, on: [failure, refused]}"), "6:50: unknown event `refused`"},
		"nobody to tell":      {job("notifications: {on: [failure]}"), "6:21: format and on go with url"},
		"not strict":          {job("strict: 1"), "6:13: strict: true or false is expected"},
		"not an unmatched":    {job("limits: {max_unmatched_percent: 101}"), "6:37: max_unmatched_percent: not a percentage from 0% to 100%"},
		"none and others":     {job("encrypt_to: [age1x, none]"), "6:25: encrypt_to: none goes with no other"},
		"no tenant id":        {"version: 1\ntenants:\n  - name: a\n    source: {file: x}\n", "3:5: a tenant needs its id"},
		"a person's sign-in":  {tenant("auth: browser"), "7:13: unknown way to sign in without a person `browser`"},
		"literal secret":      {tenant("auth: secret\n      client_secret: hunter2"), "8:22: client_secret says where a secret is kept, and a text stands there; a secret has no place in this file"},
		"secret as variable":  {tenant("auth: secret\n      client_secret: {env: hunter2~x}"), "8:28: env of client_secret is not the name of an environment variable"},
		"two places":          {tenant("auth: secret\n      client_secret: {env: A, file: b}"), "8:23: client_secret is kept in one place: env or file"},
		"secret without auth": {tenant("client_secret: {env: A}"), "7:23: client_secret goes with auth: secret"},
		"two sources":         {source("file: x, directory: true"), "5:14: a source is exactly one of file, newest, url and directory"},
		"plain http":          {source("url: http://hr.example.com/x"), "5:19: url: only https is fetched"},
		"secret in address":   {source(`url: "https://hr.example.com/x?sig=hunter2"`), "5:19: url: a secret has no place in an address; query says where it is kept"},
		"password in address": {source(`url: "https://a:hunter2@hr.example.com/x"`), "5:19: url: a name or password has no place in an address; authorization says where it is kept"},
		"bad pattern":         {source(`newest: "in/[a"`), "5:22: newest is no pattern of file names"},
		"a path as name":      {"version: 1\ntenants:\n  - name: ../a\n    tenant: {id: " + id + "}\n    source: {file: x}\n", `3:11: "../a" cannot name a tenant's state`},
		"name twice":          {job("preset: workday") + "  - name: A\n    tenant: {id: " + id + "}\n    source: {file: x}\n", "7:11: two tenants are called A"},
		"anchor":              {job("mapping: &m x"), "6:14: anchors, aliases and tags have no place here"},
		"broken":              {"version: 1\n\ttenants: [", "the YAML breaks here"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := schedule.Parse("sync.yaml", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v\nwant %s", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the secret is repeated: %v", err)
			}
		})
	}
}

// TestSchema: what the parser reads the schema lets through, and the sample too.
func TestSchema(t *testing.T) {
	text, err := schedule.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	good := `{"version": 1, "tenants": [{"name": "a", "tenant": {"id": "x", "cloud": "usgov"}, "source": {"file": "x", "max_age": "3h"}, "limits": {"max_change_percent": 10, "min_rows": "80%"},
		"policy": {"mobile": "own"}, "allow": ["shared-number:x.csv", "shared-number"], "include": ["guest"], "reads": "full", "strict": true, "approvals": {"signers": "x", "required": 2},
		"notifications": {"url": {"env": "A"}, "format": "teams", "on": ["failure"]}}]}`
	for text, ok := range map[string]bool{good: true, strings.Replace(good, `"own"`, `"keep"`, 1): false, strings.Replace(good, `"shared-number:`, `"shared-numbers:`, 1): false,
		strings.Replace(good, `"teams"`, `"team"`, 1): false, strings.Replace(good, `"failure"`, `"failed"`, 1): false, strings.Replace(good, `"usgov"`, `"us"`, 1): false,
		strings.Replace(good, `{"env": "A"}`, `"https://hooks.example.com"`, 1): false, strings.Replace(good, `"guest"`, `"guests"`, 1): false, strings.Replace(good, `"full"`, `"half"`, 1): false,
		strings.Replace(good, `"file"`, `"fiel"`, 1): false, strings.Replace(good, `1,`, `2,`, 1): false} {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if err := resolved.Validate(value); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
	described(t, "", &s)
}

// described: an editor has something to say of every key.
func described(t *testing.T, path string, s *jsonschema.Schema) {
	for name, part := range s.Properties {
		if part.Description == "" {
			t.Errorf("%s.%s is not described", path, name)
		}
		described(t, path+"."+name, part)
	}
	if s.Items != nil {
		described(t, path+"[]", s.Items)
	}
}

func TestSample(t *testing.T) {
	path := filepath.Join("..", "..", "samples", "nightly", "sync.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := schedule.Parse(path, text)
	if err != nil || len(file.Tenants) != 2 {
		t.Fatalf("%+v, %v", file, err)
	}
	if _, err := os.Stat(file.Tenants[0].Mapping); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("version: 1\ntenants: {}\n")
	f.Add("version: 1\ndefaults: []\ntenants: [[]]\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := schedule.Parse("sync.yaml", []byte(text))
		if (file == nil) != (err != nil) {
			t.Errorf("%+v, %v", file, err)
		}
	})
}

func TestDuration(t *testing.T) {
	for _, text := range []string{"36h", "90m", "1h30m", "10m", "1h0m5s", "20s", "100h"} {
		var d schedule.Duration
		if err := d.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		again, err := d.MarshalText()
		var back schedule.Duration
		if err != nil || back.UnmarshalText(again) != nil || back != d || strings.HasSuffix(string(again), "m0s") {
			t.Errorf("%s became %s", text, again)
		}
	}
	day := schedule.Duration(24 * time.Hour)
	if day.String() != "24h" {
		t.Errorf("a day is %s", day)
	}
}
