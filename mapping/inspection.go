package mapping

import "authseed/mapping/table"

// Inspection is what a file turned out to be, and how authseed would read it.
type Inspection struct {
	File     string
	About    table.About
	Rows     int // records below the header
	Unusable int // of them, those that are no row of the table
	Columns  []ColumnFinding

	Preset  string   // the preset that fits, or empty
	Certain bool     // plan would use it without being asked
	Why     []string // what speaks for the choice, or what is missing for it
	Mapping []byte   // the mapping as a file, or nil where none can be made

	Foreseen []Foresight
}

// ColumnFinding is one column as it looks.
type ColumnFinding struct {
	Name    string
	Filled  int      // rows in which it holds something
	Looks   string   // phone, e-mail, key, country, status, date, amount, text or empty
	Use     string   // what the mapping uses it for, or empty
	Samples []string // masked; only of columns that the mapping uses
}

// Foresight is a problem that will come up.
type Foresight struct {
	What string // a sentence without a full stop
	Hint string // what to do about it; may be empty
}
