package schedule

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
)

// names are what jobs may be called: they are folders too, on every system.
var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// guid is a tenant's id.
var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// The words of keys that take one of a few, the usual first.
var (
	clouds  = []string{"global", "usgov", "dod", "china"}
	reads   = []string{"auto", "report", "full"}
	formats = []string{"json", "teams"}
	events  = []string{"refusal", "failure", "success"}
)

func rules() []string { return []string{string(plan.Fill), string(plan.Replace), string(plan.Own)} }

func hazards() (list []string) {
	for _, m := range plan.Hazards() {
		list = append(list, string(m.Hazard))
	}
	return list
}

func includable() (list []string) {
	for _, reason := range plan.Includable() {
		list = append(list, string(reason))
	}
	return list
}

// unattended are the ways to sign in that need no person.
var unattended = []string{"default", "managed-identity", "workload-identity", "certificate", "secret", "token", "cli"}

// anchor lets names of files begin at the configuration's folder.
func (f *File) anchor(folder string) {
	for i := range f.Tenants {
		j := &f.Tenants[i]
		references := []*Reference{j.Tenant.ClientSecret, j.Tenant.CertificatePassword, j.Tenant.AccessToken, j.Source.Authorization, j.Source.Query, j.Notifications.URL}
		paths := []*string{
			&j.Source.File, &j.Source.Newest, &j.Mapping, &j.Never, &j.Reports.Folder, &j.Tenant.Certificate,
			&j.Approvals.Signers, &j.Notifications.MetricsFile,
		}
		for _, r := range references {
			if r != nil {
				paths = append(paths, &r.File)
			}
		}
		for _, p := range paths {
			*p = from(folder, *p)
		}
		for i, text := range j.EncryptTo {
			if text != "none" && !strings.HasPrefix(text, "age1") && !strings.HasPrefix(text, "ssh-") {
				j.EncryptTo[i] = from(folder, text)
			}
		}
		for i, text := range j.Allow {
			if name, file, ok := strings.Cut(text, ":"); ok {
				j.Allow[i] = name + ":" + from(folder, file)
			}
		}
	}
}

func from(folder, name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(folder, name)
}

// judge finds what keys say that are well written and mean nothing.
func (d *document) judge(f *File) {
	if len(f.Tenants) == 0 {
		d.add(d.at("tenants", ""), "list at least one tenant under tenants", "the configuration has no tenants")
	}
	if f.Defaults != nil && f.Defaults.Name != "" {
		d.add(d.at("defaults.name", ""), "", "defaults have no name: each tenant has its own")
	}
	seen := map[string]bool{}
	for i := range f.Tenants {
		path := fmt.Sprintf("tenants[%d]", i)
		j := &f.Tenants[i]
		d.judgeJob(j, path)
		if folded := strings.ToLower(j.Name); seen[folded] {
			d.add(d.at(path+".name", path), "", "two tenants are called %s", j.Name)
		} else {
			seen[folded] = true
		}
	}
}

// at is the place of the value, or else of the block that should have it.
func (d *document) at(path, block string) place {
	for _, p := range []string{path, block, ""} {
		if at, ok := d.places[p]; ok {
			return at
		}
	}
	return place{1, 1}
}

func (d *document) judgeJob(j *Job, path string) {
	add := func(key, hint, format string, args ...any) {
		d.add(d.at(path+"."+key, path), hint, format, args...)
	}
	switch {
	case j.Name == "":
		add("name", "", "a tenant has no name")
	case !names.MatchString(j.Name):
		add("name", "letters, digits, dot, dash and underscore, 64 at most", "%q cannot name a tenant's state", j.Name)
	}
	d.judgeTenant(&j.Tenant, path+".tenant", path)
	d.judgeSource(&j.Source, path+".source", path)
	if j.Mapping != "" && j.Preset != "" {
		add("preset", "keep one of them", "mapping and preset are two mappings")
	}
	if j.Source.Directory && j.Preset != "" {
		add("preset", "leave it out", "a preset is of a file, and the source is the directory")
	}
	if j.Reads != "" {
		d.word(path+".reads", "way to read", j.Reads, reads)
	}
	for i, text := range j.Allow {
		at := fmt.Sprintf("%s.allow[%d]", path, i)
		name, file, scoped := strings.Cut(text, ":")
		if d.word(at, "hazard", name, hazards()); scoped && strings.TrimSpace(file) == "" {
			d.add(d.at(at, path), name+":people.csv, or "+name+" for everybody", "allow: %s: names no file", name)
		}
	}
	for i, text := range j.Include {
		d.word(fmt.Sprintf("%s.include[%d]", path, i), "kind of people", text, includable())
	}
	for kind, rule := range j.Policy.Rules() {
		if rule != "" {
			d.word(path+".policy."+authmethod.Kind(kind).String(), "policy", string(rule), rules())
		}
	}
	d.judgeApprovals(&j.Approvals, path+".approvals")
	d.judgeNotifications(&j.Notifications, path+".notifications")
	d.judgeRecipients(j.EncryptTo, path+".encrypt_to")
}

// word wants one of those that are known.
func (d *document) word(path, what, word string, known []string) {
	if !slices.Contains(known, word) {
		d.unknown(d.at(path, ""), what, word, known)
	}
}

// judgeApprovals wants to know whose they are, unless nobody's are wanted.
func (d *document) judgeApprovals(a *Approvals, path string) {
	switch {
	case a.Signers == "" && (a.Required == nil || *a.Required > 0) && *a != (Approvals{}):
		d.add(d.at(path, ""), "signers: allowed_signers, OpenSSH's file; authseed help approval", "approvals says how many, but not whose: signers is missing")
	case a.Requester != "" && strings.ContainsFunc(a.Requester, unicode.IsSpace):
		d.add(d.at(path+".requester", path), "the name as it is in signers, such as alice@example.com", "requester is not one name")
	}
}

func (d *document) judgeNotifications(n *Notifications, path string) {
	d.judgeReference(n.URL, path+".url")
	if n.Format != "" {
		d.word(path+".format", "format", n.Format, formats)
	}
	for i, event := range n.On {
		d.word(fmt.Sprintf("%s.on[%d]", path, i), "event", event, events)
	}
	if n.URL == nil && (n.Format != "" || n.On != nil) {
		d.add(d.at(path, ""), "url: {env: NAME} or {file: PATH}", "format and on go with url")
	}
}

// judgeRecipients: none goes with no other.
func (d *document) judgeRecipients(to []string, path string) {
	if i := slices.Index(to, "none"); i >= 0 && len(to) > 1 {
		d.add(d.at(fmt.Sprintf("%s[%d]", path, i), path), "give the recipients alone, or none alone", "encrypt_to: none goes with no other")
	}
}

func (d *document) judgeTenant(t *Tenant, path, block string) {
	add := func(key, hint, format string, args ...any) {
		at := path
		if _, ok := d.places[path]; !ok {
			at = block
		}
		d.add(d.at(path+"."+key, at), hint, format, args...)
	}
	if !guid.MatchString(t.ID) {
		add("id", "the directory (tenant) id of the Entra admin center, such as 11111111-2222-3333-4444-555555555555", "a tenant needs its id")
	}
	if t.Cloud != "" {
		d.word(path+".cloud", "cloud", t.Cloud, clouds)
	}
	if t.Auth != "" && !slices.Contains(unattended, t.Auth) {
		d.unknown(d.at(path+".auth", path), "way to sign in without a person", t.Auth, unattended)
	}
	for _, goes := range []struct {
		key, auth string
		given     bool
	}{
		{"client_secret", "secret", t.ClientSecret != nil}, {"certificate", "certificate", t.Certificate != ""},
		{"certificate_password", "certificate", t.CertificatePassword != nil}, {"access_token", "token", t.AccessToken != nil},
	} {
		if goes.given && t.Auth != goes.auth {
			add(goes.key, "", "%s goes with auth: %s", goes.key, goes.auth)
		}
	}
	for key, r := range map[string]*Reference{"client_secret": t.ClientSecret, "certificate_password": t.CertificatePassword, "access_token": t.AccessToken} {
		d.judgeReference(r, path+"."+key)
	}
	if t.Concurrency > 64 {
		add("concurrency", "", "concurrency is not between 1 and 64")
	}
}

// judgeReference wants one place. A name that can be no variable's may be the
// secret itself, and is not repeated.
func (d *document) judgeReference(r *Reference, path string) {
	switch {
	case r == nil:
	case (r.Env == "") == (r.File == ""):
		d.add(d.at(path, ""), "{env: NAME} or {file: PATH}", "%s is kept in one place: env or file", last(path))
	case r.Env != "" && !variable.MatchString(r.Env):
		d.add(d.at(path+".env", path), "the secret itself has no place in this file", "env of %s is not the name of an environment variable", last(path))
	}
}

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (d *document) judgeSource(s *Source, path, block string) {
	given := 0
	for _, is := range []bool{s.File != "", s.Newest != "", s.URL != "", s.Directory} {
		if is {
			given++
		}
	}
	at := d.at(path, block)
	if given != 1 {
		d.add(at, "file, newest, url or directory", "a source is exactly one of file, newest, url and directory")
		return
	}
	d.judgeReference(s.Authorization, path+".authorization")
	d.judgeReference(s.Query, path+".query")
	switch {
	case s.URL == "" && (s.Authorization != nil || s.Query != nil || s.MaxMiB != 0):
		d.add(at, "", "authorization, query and max_mib go with url")
	case s.Directory && s.MaxAge != 0:
		d.add(at, "", "the directory has no age; max_age goes with a file")
	case s.Newest != "":
		if _, err := filepath.Match(s.Newest, ""); err != nil {
			d.add(d.at(path+".newest", path), "* stands for any text, ? for one character", "newest is no pattern of file names")
		}
	case s.URL != "":
		if err := CheckURL(s.URL); err != nil {
			d.add(d.at(path+".url", path), "https://host/path; http only for loopback", "url: %v", err)
		}
	}
}

// CheckURL refuses what no export is fetched from: anything but https, save for
// loopback, and an address with a password in it. The error does not repeat it.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return fmt.Errorf("that is not a whole address")
	}
	if u.User != nil {
		return fmt.Errorf("a name or password has no place in an address; authorization says where it is kept")
	}
	for _, name := range []string{"sig", "token", "access_token", "key", "api_key", "code"} {
		if u.Query().Has(name) {
			return fmt.Errorf("a secret has no place in an address; query says where it is kept")
		}
	}
	ip := net.ParseIP(u.Hostname())
	loopback := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback) {
		return fmt.Errorf("only https is fetched")
	}
	return nil
}
