package table

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
)

// Record is one row as a value of T.
type Record[T any] struct {
	Line  int    // physical line the record starts in, 1-based
	Value T      // zero with Err or Aside
	Err   error  // why the row cannot be used
	Aside string // why the row is no row of data, as in [Row]
}

// Records is a table whose rows are read as values of T.
type Records[T any] struct {
	reader  *Reader
	columns []column
	unused  []string
}

// column is one csv tag of T and where the header has it.
type column struct {
	name     string
	kind     string // the field's Go type
	optional bool
	index    int // -1: not in the header
}

// batch is how many records go through gocsv at once: its work per call is
// large against its work per row.
const batch = 256

// Decode checks the header of r against the csv tags of T, a flat struct, and
// returns the records below it. A tag with ",omitempty" names a column that
// may be missing. The [*Error] of a header that does not fit names everything
// that is wrong with it; a column that looks like a misspelt one of T's is
// wrong too, because leaving it out would leave out its cells without a word.
func Decode[T any](r *Reader) (*Records[T], error) {
	columns, err := columnsOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	d := &Records[T]{reader: r, columns: columns}
	if err := d.bind(); err != nil {
		return nil, err
	}
	// What gocsv cannot decode into it says without rows as well.
	if _, err := decodeRows[T]([][]string{d.tags()}); err != nil {
		return nil, err
	}
	return d, nil
}

// Has reports whether the header has T's column.
func (d *Records[T]) Has(name string) bool {
	return slices.ContainsFunc(d.columns, func(c column) bool { return c.name == name && c.index >= 0 })
}

// Unused gives the columns of the header that T has no field for.
func (d *Records[T]) Unused() []string { return d.unused }

// All yields every row in the order of the file, those that cannot be used
// included. It reads ahead, so it may be ranged over once. The reader's Err
// tells afterwards whether the file was read to its end.
func (d *Records[T]) All() iter.Seq[Record[T]] {
	return func(yield func(Record[T]) bool) {
		pending := make([]Record[T], 0, batch)
		good := make([][]string, 0, batch)
		flush := func() bool {
			d.decode(pending, good)
			for _, record := range pending {
				if !yield(record) {
					return false
				}
			}
			pending, good = pending[:0], good[:0]
			return true
		}
		for row := range d.reader.Rows() {
			pending = append(pending, Record[T]{Line: row.Line, Err: row.Err, Aside: row.Aside})
			if row.Cells != nil {
				good = append(good, d.project(row.Cells))
			}
			if len(pending) == batch && !flush() {
				return
			}
		}
		flush()
	}
}

// bind finds T's columns in the header.
func (d *Records[T]) bind() error {
	header := d.reader.Header()
	var wrong, hints []string
	var missing []string
	for i := range d.columns {
		c := &d.columns[i]
		c.index = slices.Index(header, c.name)
		switch {
		case c.index < 0:
			missing = append(missing, c.name)
		case slices.Contains(header[c.index+1:], c.name):
			wrong = append(wrong, fmt.Sprintf("column `%s` occurs twice", c.name))
			hints = append(hints, "keep one of them")
		}
	}
	known := d.tags()
	for _, name := range header {
		if slices.Contains(known, name) {
			continue
		}
		if meant, ok := Nearest(name, missing); ok {
			wrong = append(wrong, fmt.Sprintf("unknown column `%s`; did you mean `%s`?", name, meant))
			hints = append(hints, "rename the column, or remove it if it is something else")
			missing = slices.DeleteFunc(missing, func(m string) bool { return m == meant })
		} else if name != "" {
			d.unused = append(d.unused, name)
		}
	}
	for _, c := range d.columns {
		if !c.optional && slices.Contains(missing, c.name) {
			wrong = append(wrong, fmt.Sprintf("missing column `%s`", c.name))
			hints = append(hints, "the columns are "+strings.Join(known, ", ")+"; their names must be written exactly so")
		}
	}
	if wrong != nil {
		return &Error{What: strings.Join(wrong, "; "), Hint: strings.Join(slices.Compact(hints), "; ")}
	}
	return nil
}

func (d *Records[T]) tags() []string {
	names := make([]string, len(d.columns))
	for i, c := range d.columns {
		names[i] = c.name
	}
	return names
}

// project gives the cells of T's columns, empty where the header lacks one.
func (d *Records[T]) project(cells []string) []string {
	projected := make([]string, len(d.columns))
	for i, c := range d.columns {
		if c.index >= 0 {
			projected[i] = cells[c.index]
		}
	}
	return projected
}

// decode fills in the values of the pending records that have no error yet;
// good holds their cells in the same order. gocsv stops at a cell it cannot
// convert: that record gets the reason, and the rest goes in again.
func (d *Records[T]) decode(pending []Record[T], good [][]string) {
	at := 0
	for len(good) > 0 {
		values, err := decodeRows[T](append([][]string{d.tags()}, good...))
		done, reason := len(good), error(nil)
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			// gocsv's own words would quote the cell.
			c := d.columns[bad.Column-1]
			done, reason = bad.Line-2, fmt.Errorf("column `%s` does not hold a value of type %s", c.name, c.kind)
		} else if err != nil {
			done, reason = 0, errors.New("the row cannot be decoded")
		}
		for i := range done {
			at = nextGood(pending, at)
			pending[at].Value = values[i]
			at++
		}
		if reason == nil {
			return
		}
		at = nextGood(pending, at)
		pending[at].Err = reason
		at++
		good = good[done+1:]
	}
}

func nextGood[T any](pending []Record[T], at int) int {
	for pending[at].Err != nil || pending[at].Aside != "" {
		at++
	}
	return at
}

// rows is gocsv's Decoder for rows that are read already.
type rows [][]string

func (r rows) GetCSVRows() ([][]string, error) { return r, nil }

func decodeRows[T any](table [][]string) ([]T, error) {
	var values []T
	err := gocsv.UnmarshalDecoder(rows(table), &values)
	return values, err
}

// columnsOf reads the csv tags of a flat struct. Those of a struct embedded in
// it are its own.
func columnsOf(t reflect.Type) ([]column, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("decoding into %s: not a struct", t)
	}
	var columns []column
	for _, field := range reflect.VisibleFields(t) {
		tag := field.Tag.Get("csv")
		if field.Anonymous && field.IsExported() && tag == "" && field.Type.Kind() == reflect.Struct {
			continue // its fields come next
		}
		if !field.Anonymous && (tag == "-" || !field.IsExported()) {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "" || field.Anonymous {
			return nil, fmt.Errorf("decoding into %s: field %s has no csv tag of its own", t, field.Name)
		}
		columns = append(columns, column{name: name, kind: field.Type.String(), optional: options == "omitempty", index: -1})
	}
	if columns == nil {
		return nil, fmt.Errorf("decoding into %s: no field with a csv tag", t)
	}
	return columns, nil
}

// Encode writes the records below a header of T's csv tags, which is there
// without records too. Cells are written as they are: one that begins with =,
// +, - or @ is a formula to a spreadsheet; see [EncodeGuarded].
func Encode[T any](w io.Writer, records []T) error { return encode(csv.NewWriter(w), records) }

// EncodeGuarded is [Encode] for a file that will be opened in a spreadsheet:
// every cell goes through [Guard], and a byte order mark says to Excel, and to
// [NewReader] where the text alone is not certain, that it is UTF-8.
func EncodeGuarded[T any](w io.Writer, records []T) error {
	if _, err := w.Write(utf8BOM); err != nil {
		return fmt.Errorf("writing records: %w", err)
	}
	return encode(guarding{csv.NewWriter(w)}, records)
}

func encode[T any](w gocsv.CSVWriter, records []T) error {
	if _, err := columnsOf(reflect.TypeFor[T]()); err != nil {
		return err
	}
	if err := gocsv.MarshalCSV(records, w); err != nil {
		return fmt.Errorf("writing records: %w", err)
	}
	return nil
}
