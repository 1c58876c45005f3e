package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"authseed/importer/graph/graphsim"
	"authseed/mapping/table"
)

// leverFlags say how the sandbox misbehaves.
type leverFlags struct {
	rate       float64
	burst      int
	retryAfter string
	percentage string
	whole      bool

	faults       string
	slow         string
	stale        time.Duration
	tokenLife    time.Duration
	tokenInItems bool
	revoke       []string
	drift        float64

	shuffle bool
	letters string
	numbers bool
}

func (l *leverFlags) add(flags *pflag.FlagSet) {
	flags.Float64Var(&l.rate, "rate", 0, "requests a second the service allows; more are answered 429 (default: any number)")
	flags.IntVar(&l.burst, "burst", 0, "with --rate: how many may come at once (default: one second's)")
	flags.StringVar(&l.retryAfter, "retry-after", "seconds", "with --rate: seconds, fraction, date, none, or the shortest wait to tell, such as 2h")
	flags.StringVar(&l.percentage, "throttle-percentage", "", "with --rate: tell the use of the limit from 0.8, on items, response or both")
	flags.Lookup("throttle-percentage").NoOptDefVal = "both"
	flags.BoolVar(&l.whole, "throttle-whole", false, "with --rate: refuse a batch as a whole when nothing is left")
	flags.StringVar(&l.faults, "faults", "", "NAME=SHARE,... of what fails, such as 503=0.05,cut-after=0.01; the names are above")
	flags.StringVar(&l.slow, "slow", "", "SHARE=TIME: so many round trips take so much longer, such as 0.01=10s")
	flags.DurationVar(&l.stale, "stale", 0, "reads show a write only after this time")
	flags.DurationVar(&l.tokenLife, "token-life", 0, "a token is refused after this time")
	flags.BoolVar(&l.tokenInItems, "token-life-in-items", false, "with --token-life: refuse each item, not the batch")
	flags.StringSliceVar(&l.revoke, "revoke", nil, "PERMISSION=COUNT: lost after so many requests; may be repeated")
	flags.Float64Var(&l.drift, "drift", 0, "share of people who change their number once they were read")
	flags.BoolVar(&l.shuffle, "shuffle", false, "answer a batch's items in any order")
	flags.StringVar(&l.letters, "header-case", "usual", "letter case of items' header names: usual, lower, upper or mixed")
	flags.BoolVar(&l.numbers, "header-numbers", false, "send numbers in items' headers as JSON numbers")
}

// faultNames is the part of the sandbox's help that lists what can fail.
func faultNames() string {
	var b strings.Builder
	b.WriteString("What --faults can name, each with a share of 0 to 1:\n\n")
	for _, m := range graphsim.Mishaps() {
		if strings.HasPrefix(m.Name, "trip-") || strings.HasSuffix(m.Name, "-after") {
			continue
		}
		fmt.Fprintf(&b, "  %-12s%s\n", m.Name, m.Meaning)
	}
	b.WriteString(`
A name is about one request: an item of a batch, or one sent alone. 500, 502, 503,
504 and cut with trip- before them, page and truncated are about an HTTP request as
a whole. All but not-unique and truncated happen before anything took effect, and
with -after behind them when everything has: 503-after, trip-cut-after. --seed
decides whom it hits, the same in every run.`)
	return b.String()
}

// levers turns the flags into what the simulator takes.
func (l *leverFlags) levers(flags *pflag.FlagSet, seed uint64) (graphsim.Levers, error) {
	out := graphsim.Levers{
		Seed:  seed,
		Stale: l.stale, TokenLife: l.tokenLife, TokenInItems: l.tokenInItems, Drift: l.drift,
		Form: graphsim.Form{Shuffle: l.shuffle, Numbers: l.numbers},
	}
	for _, needs := range []struct{ flag, other string }{
		{"burst", "rate"}, {"retry-after", "rate"}, {"throttle-percentage", "rate"}, {"throttle-whole", "rate"}, {"token-life-in-items", "token-life"},
	} {
		if flags.Changed(needs.flag) && !flags.Changed(needs.other) {
			return out, &usageError{fmt.Errorf("--%s says nothing without --%s", needs.flag, needs.other), "give --" + needs.other + " as well"}
		}
	}
	err := cmp.Or(l.throttle(&out), l.failures(&out), l.lost(&out))
	if err != nil {
		return out, err
	}
	cases := map[string]graphsim.LetterCase{
		"usual": graphsim.UsualCase, "lower": graphsim.LowerCase, "upper": graphsim.UpperCase, "mixed": graphsim.MixedCase,
	}
	if out.Form.Case, err = oneOf("header-case", l.letters, cases); err != nil {
		return out, err
	}
	if err := out.Check(); err != nil {
		return out, &usageError{err, "authseed sandbox --help lists the flags and what they take"}
	}
	return out, nil
}

func (l *leverFlags) throttle(out *graphsim.Levers) (err error) {
	t := &out.Throttle
	t.Rate, t.Burst, t.Whole = l.rate, l.burst, l.whole
	if least, bad := time.ParseDuration(l.retryAfter); bad == nil {
		t.AtLeast = least
	} else if t.RetryAfter, err = oneOf("retry-after", l.retryAfter, map[string]graphsim.RetryAfter{
		"seconds": graphsim.RetrySeconds, "fraction": graphsim.RetryFraction, "date": graphsim.RetryDate, "none": graphsim.RetryAbsent,
	}); err != nil {
		return &usageError{err, "--retry-after seconds, fraction, date, none, or a time such as 2h"}
	}
	places := map[string][2]bool{"": {}, "items": {true, false}, "response": {false, true}, "both": {true, true}}
	where, err := oneOf("throttle-percentage", l.percentage, places)
	t.PercentOnItems, t.PercentOnResponse = where[0], where[1]
	return err
}

func (l *leverFlags) failures(out *graphsim.Levers) (err error) {
	if l.faults != "" {
		if out.Faults, err = graphsim.ParseShares(l.faults); err != nil {
			return &usageError{fmt.Errorf("--faults: %w", err), faultHint(l.faults)}
		}
	}
	if l.slow == "" {
		return nil
	}
	share, by, found := strings.Cut(l.slow, "=")
	out.Slow.Share, err = strconv.ParseFloat(share, 64)
	if err == nil {
		out.Slow.By, err = time.ParseDuration(by)
	}
	if err != nil || !found {
		return &usageError{fmt.Errorf("--slow %s is not SHARE=TIME", l.slow), "--slow 0.01=10s makes one round trip in a hundred ten seconds slower"}
	}
	return nil
}

// faultHint finds the name that was meant.
func faultHint(text string) string {
	var names []string
	for _, m := range graphsim.Mishaps() {
		names = append(names, m.Name)
	}
	for part := range strings.SplitSeq(text, ",") {
		name, _, _ := strings.Cut(part, "=")
		if slices.Contains(names, name) {
			continue
		}
		if hint := nearest(name, names); hint != "" {
			return hint
		}
	}
	return "--faults 500=0.05,trip-cut-after=0.01; authseed sandbox --help lists the names"
}

// nearest asks whether one of the names was meant, "" when none is near.
func nearest(word string, names []string) string {
	near, ok := table.Nearest(word, names)
	if i := slices.IndexFunc(names, func(n string) bool { return word != "" && strings.HasPrefix(n, word) }); !ok && i >= 0 {
		near, ok = names[i], true
	}
	if !ok {
		return ""
	}
	return "did you mean " + near + "?"
}

func (l *leverFlags) lost(out *graphsim.Levers) error {
	for _, text := range l.revoke {
		permission, count, _ := strings.Cut(text, "=")
		after, err := strconv.ParseInt(count, 10, 64)
		if err != nil {
			return &usageError{fmt.Errorf("--revoke %s is not PERMISSION=COUNT", text), "--revoke UserAuthMethod-Phone.ReadWrite.All=200"}
		}
		if !slices.Contains(graphsim.Permissions(), permission) {
			return &usageError{fmt.Errorf("--revoke: nothing here asks for a permission %q", permission),
				cmp.Or(nearest(permission, graphsim.Permissions()), "authseed help auth lists the permissions")}
		}
		out.Revoke = append(out.Revoke, graphsim.Revocation{Permission: permission, After: after})
	}
	return nil
}

// oneOf reads a flag that takes one of some words.
func oneOf[T any](flag, word string, words map[string]T) (T, error) {
	value, known := words[word]
	if !known {
		choice := slices.DeleteFunc(slices.Sorted(maps.Keys(words)), func(w string) bool { return w == "" })
		return value, &usageError{fmt.Errorf("--%s: there is no %q", flag, word), "--" + flag + " " + strings.Join(choice, ", ")}
	}
	return value, nil
}
