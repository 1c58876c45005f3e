package preset

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"authseed/mapping/table"
)

// TestWideTable chooses for a table as wide as a spreadsheet can be, in time.
func TestWideTable(t *testing.T) {
	names := []string{"Employee ID", "Personal Mobile", "Country"}
	for i := len(names); i < 16384; i++ {
		names = append(names, fmt.Sprintf("Column %d [c%d]", i, i))
	}
	row := "1,+44 7400 123456,GB" + strings.Repeat(",x", len(names)-3) + "\n"
	start := time.Now()
	r, err := table.NewReader(strings.NewReader(strings.Join(names, ",")+"\n"+strings.Repeat(row, 60)), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := Choose(r)
	if !c.Certain || c.File.Methods.Mobile == nil {
		t.Errorf("%v", c.Why)
	}
	if _, err := Inspect("wide.csv", r, c); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}
