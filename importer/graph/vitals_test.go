package graph

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"authseed/mapping/authmethod"
)

func TestSkew(t *testing.T) {
	date := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		sent       time.Duration // the local clock at sending, after the service's answer's
		trip, want time.Duration
	}{
		{0, 0, 0},
		{999 * time.Millisecond, 0, 0},
		{-100 * time.Millisecond, 300 * time.Millisecond, 0},
		{time.Second, 0, time.Second},
		{-time.Millisecond, 0, -time.Second},
		{time.Minute, 2 * time.Second, 61 * time.Second},
		{-5 * time.Minute, 10 * time.Second, -295 * time.Second},
		{3 * time.Hour, 0, 3 * time.Hour},
	} {
		if got := skew(date, date.Add(test.sent), test.trip); got != test.want {
			t.Errorf("sent %v after, in %v: %v, want %v", test.sent, test.trip, got, test.want)
		}
	}
}

// TestVitals: the answer with the shortest way tells the time, and the highest
// share of a limit stays.
func TestVitals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []struct {
			ahead, trip time.Duration // of the service's clock
			headers     []string
			want        Vitals
		}{
			{0, time.Second, nil, Vitals{}},
			{0, time.Second, []string{"Date", "soon", throttleShare, "high"}, Vitals{}},
			{-10 * time.Second, 8 * time.Second, []string{"Date", ""}, Vitals{Told: true, Skew: 6 * time.Second}},
			{-10 * time.Second, 2 * time.Second, []string{"Date", "", throttleShare, "0.9"}, Vitals{Told: true, Skew: 9 * time.Second, Pressure: 0.9}},
			{time.Hour, 4 * time.Second, []string{"Date", "", throttleShare, "0.8"}, Vitals{Told: true, Skew: 9 * time.Second, Pressure: 0.9}},
		}
		at := 0
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			a := answers[at]
			time.Sleep(a.trip)
			headers := append([]string{}, a.headers...)
			if len(headers) > 0 && headers[1] == "" {
				headers[1] = time.Now().Add(a.ahead).UTC().Format(http.TimeFormat)
			}
			return respond(r, 200, `{"responses":[{"id":"0","status":204}]}`, headers...), nil
		})
		if got := c.Vitals(); got != (Vitals{}) {
			t.Errorf("before anything was asked: %+v", got)
		}
		for at = range answers {
			if _, err := c.Do(t.Context(), []Request{{Op: Delete, User: "u", Kind: authmethod.Mobile}}); err != nil {
				t.Fatal(err)
			}
			if got := c.Vitals(); got != answers[at].want {
				t.Errorf("after answer %d: %+v, want %+v", at, got, answers[at].want)
			}
		}
	})
}

func TestPressureOfAnItem(t *testing.T) {
	c := clientOf(t, func(r *http.Request) (*http.Response, error) {
		return respond(r, 200, `{"responses":[{"id":"0","status":200,"headers":{"x-ms-throttle-limit-percentage":"1.2"},"body":{"value":[]}}]}`), nil
	})
	if _, err := c.Do(t.Context(), readPhones); err != nil || c.Vitals().Pressure != 1.2 {
		t.Errorf("%+v, %v", c.Vitals(), err)
	}
}
