package graphsim_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authseed/importer/graph/graphsim"
)

func TestHeaderForms(t *testing.T) {
	fault := graphsim.Fault{Status: 429, Header: http.Header{"Retry-After": {"10"}, "X-Odd": {"1.", "007", "2.128"}}}
	for _, test := range []struct {
		form   graphsim.Form
		header string
	}{
		{graphsim.Form{}, `"Content-Type":"application/json","Retry-After":"10","X-Odd":"1.,007,2.128"`},
		{graphsim.Form{Case: graphsim.LowerCase}, `"content-type":"application/json","retry-after":"10","x-odd":"1.,007,2.128"`},
		{graphsim.Form{Case: graphsim.UpperCase}, `"CONTENT-TYPE":"application/json","RETRY-AFTER":"10","X-ODD":"1.,007,2.128"`},
		{graphsim.Form{Case: graphsim.MixedCase, Numbers: true}, `"cOnTeNt-tYpE":"application/json","rEtRy-aFtEr":10,"x-oDd":"1.,007,2.128"`},
	} {
		eachWay(t, func() graphsim.Options {
			return graphsim.Options{Fault: always(fault), Levers: graphsim.Levers{Form: test.form}}
		}, func(t *testing.T, _ *graphsim.Server, w way) {
			got := w.send(t, "POST", "/$batch", batch(reads(1)...))
			if !strings.Contains(got.raw, ","+test.header+"}") {
				t.Errorf("%+v: %s", test.form, got.raw)
			}
			// Outside of a batch headers are HTTP's.
			if alone := w.send(t, "GET", phones(ada), ""); alone.header.Get("Retry-After") != "10" {
				t.Errorf("%v", alone.header)
			}
		})
	}
}

func TestNumbersAreNumbers(t *testing.T) {
	for value, number := range map[string]bool{"10": true, "2.128": true, "0": true, "007": false, "1.": false, ".5": false, "": false,
		"+1": false, "1e3": false, "NaN": false, "Infinity": false, "true": false, "null": false, "1,2": false} {
		fault := graphsim.Fault{Status: 429, Header: http.Header{"Retry-After": {value}}}
		s := newServer(t, graphsim.Options{Fault: always(fault), Levers: graphsim.Levers{Form: graphsim.Form{Numbers: true}}})
		answer := responses(t, send(t, s, "POST", "/$batch", batch(reads(1)...)))["0"]
		if _, got := answer["headers"].(map[string]any)["Retry-After"].(float64); got != number {
			t.Errorf("%q is a number: %v", value, got)
		}
	}
}

func TestShuffle(t *testing.T) {
	order := func(w way, items []string) (ids []string) {
		got := w.send(t, "POST", "/$batch", batch(items...))
		for _, v := range got.body["responses"].([]any) {
			ids = append(ids, v.(map[string]any)["id"].(string))
		}
		return ids
	}
	var first, second []string
	for _, seed := range []uint64{1, 1, 2} {
		eachWay(t, func() graphsim.Options {
			return graphsim.Options{Levers: graphsim.Levers{Seed: seed, Form: graphsim.Form{Shuffle: true}}}
		}, func(t *testing.T, _ *graphsim.Server, w way) {
			one, two := order(w, reads(20)), order(w, reads(20))
			if first == nil {
				first, second = slices.Clone(one), slices.Clone(two)
			}
			if seed == 1 && (!cmp.Equal(first, one) || !cmp.Equal(second, two)) || seed == 2 && cmp.Equal(first, one) || cmp.Equal(one, two) {
				t.Errorf("seed %d: %v, then %v", seed, one, two)
			}
			slices.Sort(one)
			if len(slices.Compact(one)) != 20 {
				t.Errorf("not each once: %v", one)
			}
		})
	}
}

// TestFormsOfEverything sends an answer in the oddest form and with an item
// missing at each end: it is JSON all the same.
func TestFormsOfEverything(t *testing.T) {
	for missing := range 3 {
		s := newServer(t, graphsim.Options{
			Fault: func(c graphsim.Call) *graphsim.Fault {
				if c.User != []string{ada, bram, chiara}[missing] {
					return nil
				}
				return &graphsim.Fault{Missing: true}
			},
			Levers: graphsim.Levers{Form: graphsim.Form{Shuffle: true, Case: graphsim.MixedCase, Numbers: true}},
		})
		got := responses(t, send(t, s, "POST", "/$batch", batch(get("0", phones(ada)), get("1", phones(bram)), get("2", phones(chiara)))))
		if len(got) != 2 || got[[]string{"0", "1", "2"}[missing]] != nil {
			t.Errorf("%v", got)
		}
	}
}
