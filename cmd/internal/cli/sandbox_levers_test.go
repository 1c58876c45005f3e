package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"authseed/importer/graph/graphsim"
)

func TestSandboxFlags(t *testing.T) {
	for _, test := range []struct {
		args string
		want graphsim.Levers
	}{
		{"", graphsim.Levers{}},
		{"--rate 5", graphsim.Levers{Throttle: graphsim.Throttle{Rate: 5}}},
		{"--rate 0.5 --burst 20 --retry-after seconds --throttle-whole",
			graphsim.Levers{Throttle: graphsim.Throttle{Rate: 0.5, Burst: 20, Whole: true}}},
		{"--rate 5 --retry-after fraction --throttle-percentage",
			graphsim.Levers{Throttle: graphsim.Throttle{Rate: 5, RetryAfter: graphsim.RetryFraction, PercentOnItems: true, PercentOnResponse: true}}},
		{"--rate 5 --retry-after date --throttle-percentage=items",
			graphsim.Levers{Throttle: graphsim.Throttle{Rate: 5, RetryAfter: graphsim.RetryDate, PercentOnItems: true}}},
		{"--rate 5 --retry-after none --throttle-percentage=response",
			graphsim.Levers{Throttle: graphsim.Throttle{Rate: 5, RetryAfter: graphsim.RetryAbsent, PercentOnResponse: true}}},
		{"--rate 5 --retry-after 2h", graphsim.Levers{Throttle: graphsim.Throttle{Rate: 5, AtLeast: 2 * time.Hour}}},
		{"--faults 500=0.05,trip-cut-after=1 --slow 0.01=10s --stale 3s",
			graphsim.Levers{Faults: graphsim.Shares{"500": 0.05, "trip-cut-after": 1}, Slow: graphsim.Slow{Share: 0.01, By: 10 * time.Second}, Stale: 3 * time.Second}},
		{"--token-life 5m --token-life-in-items --drift 0.02",
			graphsim.Levers{TokenLife: 5 * time.Minute, TokenInItems: true, Drift: 0.02}},
		{"--revoke User.Read.All=0 --revoke UserAuthMethod-Phone.ReadWrite.All=200",
			graphsim.Levers{Revoke: []graphsim.Revocation{{Permission: "User.Read.All"}, {Permission: "UserAuthMethod-Phone.ReadWrite.All", After: 200}}}},
		{"--shuffle --header-case mixed --header-numbers",
			graphsim.Levers{Form: graphsim.Form{Shuffle: true, Case: graphsim.MixedCase, Numbers: true}}},
	} {
		var l leverFlags
		flags := pflag.NewFlagSet("sandbox", pflag.ContinueOnError)
		l.add(flags)
		if err := flags.Parse(strings.Fields(test.args)); err != nil {
			t.Fatal(err)
		}
		got, err := l.levers(flags, 7)
		test.want.Seed = 7
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", test.args, err, diff)
		}
	}
}

func TestWrongSandboxFlags(t *testing.T) {
	for _, test := range []struct{ args, said, hint string }{
		{"--faults 5xx=0.1", `--faults: there is no "5xx"`, "--faults 500=0.05"},
		{"--faults 500=0.1,cut-aftr=0.1", `--faults: there is no "cut-aftr"`, "did you mean cut-after?"},
		{"--faults trip-50=0.1", `--faults: there is no "trip-50"`, "did you mean trip-50"},
		{"--faults 500", `--faults: "500" is not NAME=SHARE`, "--faults 500=0.05"},
		{"--faults 500=5%", "the share is not a decimal fraction", "--faults"},
		{"--faults 500=2", "--faults: 500=2 is not between 0 and 1", "--faults"},
		{"--faults 500=0.1,500=0.1", "--faults: 500 is given twice", "--faults"},
		{"--rate many", `invalid argument "many"`, "--help lists the flags"},
		{"--rate -1", "rate -1 is not a number of operations a second", "--help lists the flags"},
		{"--rate NaN", "rate NaN", ""},
		{"--rate 5 --burst -1", "burst -1 is negative", ""},
		{"--burst 20", "--burst says nothing without --rate", "give --rate as well"},
		{"--throttle-percentage", "--throttle-percentage says nothing without --rate", ""},
		{"--throttle-whole", "--throttle-whole says nothing without --rate", ""},
		{"--retry-after date", "--retry-after says nothing without --rate", ""},
		{"--rate 5 --retry-after soon", `--retry-after: there is no "soon"`, "seconds, fraction, date, none, or a time such as 2h"},
		{"--rate 5 --retry-after -2h", "the wait to tell is negative", ""},
		{"--rate 5 --throttle-percentage=all", `--throttle-percentage: there is no "all"`, "--throttle-percentage both, items, response"},
		{"--slow 0.1", "--slow 0.1 is not SHARE=TIME", "--slow 0.01=10s"},
		{"--slow 10s=0.1", "is not SHARE=TIME", "--slow 0.01=10s"},
		{"--slow 2=10s", "slow: share 2 is not between 0 and 1", ""},
		{"--slow 0.1=-10s", "slow: the time is negative", ""},
		{"--stale -1s", "stale and token life: the time is negative", ""},
		{"--stale soon", "invalid argument", ""},
		{"--token-life-in-items", "--token-life-in-items says nothing without --token-life", "give --token-life as well"},
		{"--drift 1.5", "drift: share 1.5 is not between 0 and 1", ""},
		{"--header-case odd", `--header-case: there is no "odd"`, "--header-case lower, mixed, upper, usual"},
		{"--revoke User.Read.All", "--revoke User.Read.All is not PERMISSION=COUNT", "=200"},
		{"--revoke User.Read.All=some", "is not PERMISSION=COUNT", "=200"},
		{"--revoke User.Read.All=-1", "User.Read.All is lost after -1 operations", ""},
		{"--revoke UserAuthMethod-Phone.ReadWrite=200", "nothing here asks for a permission", "did you mean UserAuthMethod-Phone.ReadWrite.All?"},
		{"--revoke Mail.Read=200", `nothing here asks for a permission "Mail.Read"`, "authseed help auth"},
	} {
		var out, said bytes.Buffer
		env := Env{Args: append([]string{"sandbox", "--listen", "127.0.0.1:0"}, strings.Fields(test.args)...),
			Getenv: func(string) string { return "" }, Stdout: &out, Stderr: &said}
		if got := Run(t.Context(), env); got != int(exitUsage) {
			t.Errorf("%s: exit status %d", test.args, got)
		}
		lines := strings.Split(said.String(), "\n")
		if !strings.Contains(lines[0], test.said) || !slices.ContainsFunc(lines[1:], func(line string) bool {
			return strings.HasPrefix(line, "authseed: hint: ") && strings.Contains(line, test.hint)
		}) {
			t.Errorf("%s:\n%s", test.args, said.String())
		}
		if out.Len() > 0 {
			t.Errorf("%s: standard output %q", test.args, out.String())
		}
	}
}
