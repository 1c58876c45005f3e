package run_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// exposure is ten times what systemd-analyze security gives the service, from 0
// for one that is shut off to 100 for one that is not hardened: measured with
// systemd 252, where what is left is the network.
const exposure = "12"

func TestSystemd(t *testing.T) {
	analyze := tool(t, "systemd-analyze")
	authseed := program(t)
	dir := t.TempDir()
	var units []string
	for _, name := range []string{"authseed.service", "authseed.timer"} {
		text := read(t, "systemd/"+name)
		// verify wants the program to be there.
		text = strings.ReplaceAll(text, "/usr/bin/authseed", authseed)
		unit := filepath.Join(dir, name)
		if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		units = append(units, unit)
	}
	out, err := exec.Command(analyze, append([]string{"verify", "--man=no"}, units...)...).CombinedOutput()
	if err != nil || strings.Contains(string(out), dir) {
		t.Errorf("verify: %v\n%s", err, out)
	}
	out, err = exec.Command(analyze, "security", "--offline=true", "--no-pager", "--threshold="+exposure, units[0]).CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	t.Log(lines[len(lines)-1])
	if err != nil {
		t.Errorf("security: %v\n%s", err, out)
	}
}

func TestCron(t *testing.T) {
	jobs := 0
	for line := range strings.Lines(read(t, "cron/authseed")) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || regexp.MustCompile(`^[A-Z_]+=\S+$`).MatchString(line) {
			continue
		}
		jobs++
		fields := regexp.MustCompile(`^((?:[0-9*,/-]+ ){5})([a-z_][a-z0-9_-]*) (.*)$`).FindStringSubmatch(line)
		if fields == nil {
			t.Fatalf("neither a variable nor a job: %s", line)
		}
		if strings.Contains(fields[3], "%") {
			t.Error("a % ends the command of a cron line")
		}
		if logged := cron(t, fields[3]); !regexp.MustCompile(`(?m)^contoso +applied `).MatchString(logged) || !strings.HasSuffix(logged, "\nexit status 0\n") {
			t.Errorf("logged\n%s", logged)
		}
	}
	if jobs != 1 {
		t.Errorf("%d jobs, want 1", jobs)
	}
}

// cron runs a job as cron does, on the sample night and with a logger that keeps
// what it is given.
func cron(t *testing.T, command string) (logged string) {
	t.Helper()
	sh, authseed, dir := tool(t, "sh"), program(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "logger"), []byte("#!/bin/sh\nexec cat >logged\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	config, err := filepath.Abs("../nightly/sync.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(sh, "-c", strings.Replace(command, "/etc/authseed/config.yaml", "'"+config+"' --sandbox", 1))
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + strings.Join([]string{dir, filepath.Dir(authseed), "/usr/bin", "/bin"}, string(filepath.ListSeparator)),
		"AUTHSEED_STATE_DIR=" + filepath.Join(dir, "state"), "AUTHSEED_NO_INPUT=true",
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sh: %v\n%s", err, out)
	}
	return read(t, filepath.Join(dir, "logged"))
}

// task says what an element of a task may hold, as far as the sample uses it:
// learn.microsoft.com, "Task Scheduler Schema", in its order where that counts.
var task = map[string]struct {
	holds   []string
	ordered bool
	text    string
}{
	"Task":             {holds: []string{"RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"}},
	"RegistrationInfo": {holds: []string{"Description", "URI"}},
	"Triggers":         {holds: []string{"CalendarTrigger"}},
	"CalendarTrigger":  {holds: []string{"StartBoundary", "Enabled", "RandomDelay", "ScheduleByDay"}, ordered: true},
	"ScheduleByDay":    {holds: []string{"DaysInterval"}},
	"Principals":       {holds: []string{"Principal"}},
	"Principal":        {holds: []string{"UserId", "LogonType", "RunLevel"}},
	"Settings": {holds: []string{
		"MultipleInstancesPolicy", "DisallowStartIfOnBatteries", "StopIfGoingOnBatteries", "AllowHardTerminate",
		"StartWhenAvailable", "RunOnlyIfNetworkAvailable", "Enabled", "Hidden", "ExecutionTimeLimit", "Priority",
	}},
	"Actions": {holds: []string{"Exec"}},
	"Exec":    {holds: []string{"Command", "Arguments", "WorkingDirectory"}, ordered: true},

	"Description": {text: `.+`}, "URI": {text: `\\.+`}, "UserId": {text: `.+`}, "Command": {text: `.+\.exe`},
	"Arguments": {text: `.+`}, "WorkingDirectory": {text: `.+`},
	"StartBoundary": {text: `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`}, "DaysInterval": {text: `[1-9]\d?`},
	"RandomDelay": {text: `PT\d+[HM]`}, "ExecutionTimeLimit": {text: `PT\d+[HM]`},
	"LogonType": {text: `S4U|Password|InteractiveToken`}, "RunLevel": {text: `LeastPrivilege`},
	"MultipleInstancesPolicy": {text: `IgnoreNew`}, "Priority": {text: `[0-9]|10`},
	"Enabled": {text: `true`}, "Hidden": {text: `true|false`}, "AllowHardTerminate": {text: `true|false`},
	"DisallowStartIfOnBatteries": {text: `true|false`}, "StopIfGoingOnBatteries": {text: `true|false`},
	"StartWhenAvailable": {text: `true|false`}, "RunOnlyIfNetworkAvailable": {text: `true|false`},
}

type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

func TestWindowsTask(t *testing.T) {
	text := read(t, "windows/authseed.xml")
	d := xml.NewDecoder(strings.NewReader(text))
	var root element
	if err := d.Decode(&root); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) && err != nil {
		t.Error(err)
	}
	if root.XMLName.Local != "Task" || root.XMLName.Space != "http://schemas.microsoft.com/windows/2004/02/mit/task" {
		t.Errorf("the root is %v", root.XMLName)
	}
	fits(t, root)
	account := regexp.MustCompile(`<UserId>(.*)</UserId>`).FindStringSubmatch(text)
	script := read(t, "windows/register.ps1")
	if account == nil || !strings.Contains(script, "$account = '"+account[1]+"'") {
		t.Error("register.ps1 is for another account than the task's")
	}
	if !strings.Contains(script, "authseed.xml") {
		t.Error("register.ps1 does not read the task")
	}
}

func fits(t *testing.T, e element) {
	name := e.XMLName.Local
	rule, known := task[name]
	if !known {
		t.Errorf("a task has no %s", name)
		return
	}
	if rule.text != "" {
		if !regexp.MustCompile("^(?:"+rule.text+")$").MatchString(e.Text) || len(e.Children) > 0 {
			t.Errorf("%s is %q", name, e.Text)
		}
		return
	}
	last := -1
	seen := map[string]bool{}
	for _, c := range e.Children {
		at := slices.Index(rule.holds, c.XMLName.Local)
		if at < 0 || seen[c.XMLName.Local] || rule.ordered && at < last {
			t.Errorf("%s holds %s, which it may not, twice or in this place", name, c.XMLName.Local)
		}
		last, seen[c.XMLName.Local] = at, true
		fits(t, c)
	}
	if len(e.Children) == 0 || strings.TrimSpace(e.Text) != "" {
		t.Errorf("%s holds no element, or text", name)
	}
}
