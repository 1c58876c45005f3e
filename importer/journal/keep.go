package journal

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Keep says which runs are kept: those of a span of time, or so many of the newest.
// Exactly one of the two is above 0.
type Keep struct {
	For    time.Duration
	Newest int
}

// LeastKept is what is kept at least, whatever is asked for. Planning looks up whom
// the runs of the last days wrote to, because the registration report does not know
// them yet: it is hours old, and taken to be a day older.
const LeastKept = 3 * day

const (
	day     = 24 * time.Hour
	longest = 100 * 366 * day
)

// units are what a span ends in, the longest first. A month is none: m would be a
// minute elsewhere.
var units = []struct {
	letter string
	span   time.Duration
}{{"w", 7 * day}, {"d", day}, {"h", time.Hour}}

// ParseKeep reads 30d, 12w or 720h as a span of time and 100 as a number of runs.
func ParseKeep(text string) (Keep, error) {
	digits, span := text, time.Duration(0)
	for _, u := range units {
		if before, ok := strings.CutSuffix(text, u.letter); ok {
			digits, span = before, u.span
		}
	}
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return Keep{}, fmt.Errorf("%q is neither a span of time nor a number of runs", text)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case err == nil && n == 0:
		return Keep{}, errors.New("nothing would be kept")
	case span == 0 && (err != nil || n > math.MaxInt32):
		return Keep{}, fmt.Errorf("%s runs are more than there can be", text)
	case span == 0:
		return Keep{Newest: int(n)}, nil
	case err != nil || n > int64(longest/span):
		return Keep{}, fmt.Errorf("%s is more than a hundred years", text)
	case time.Duration(n)*span < LeastKept:
		return Keep{}, fmt.Errorf("%s is less than three days, and planning asks the runs of the last days whom they wrote to", text)
	}
	return Keep{For: time.Duration(n) * span}, nil
}

// String gives what ParseKeep reads.
func (k Keep) String() string {
	if k.Newest > 0 {
		return strconv.Itoa(k.Newest)
	}
	for _, u := range units {
		if k.For%u.span == 0 {
			return fmt.Sprintf("%d%s", k.For/u.span, u.letter)
		}
	}
	return k.For.String()
}

// Since is the time from which everything is kept.
func (k Keep) Since(now time.Time) time.Time { return now.Add(-max(k.For, LeastKept)) }
