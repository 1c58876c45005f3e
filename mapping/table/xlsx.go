package table

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// sheetReader reads the rows of one sheet.
type sheetReader struct {
	book  *workbook
	sheet sheet
	xml   *xmlStream

	columns    []string
	headerLine int
	labels     []string   // of a second header row
	preamble   int        // rows above the header that are not blank
	sample     []sheetRow // read to find the header and not given out yet

	inside bool // the element that holds the rows
	done   bool
	number int      // of the last row
	column int      // of the last cell, 1-based
	cells  []string // of the row, up to the last cell
	work   int      // cells so far, empty ones too
	failed error
}

// sheetRow is a row that is not blank.
type sheetRow struct {
	number int
	cells  []string // up to the last that is not empty
	fault  error
}

const sampleRows = 20

func openWorkbook(r io.Reader, o Options) (source, error) {
	data, err := readWhole(r, "split it, or export it as CSV UTF-8, which has no such bound")
	if err != nil {
		return nil, err
	}
	book, err := readWorkbook(data)
	if err != nil {
		return nil, err
	}
	found, err := book.find(o.Sheet)
	if err != nil {
		return nil, err
	}
	if err := found.readHeader(o.HeaderLine); err != nil {
		return nil, err
	}
	if err := found.readLabels(o.HeaderRows); err != nil {
		return nil, err
	}
	return found, nil
}

// refuseCompound tells an encrypted workbook from an old one.
func refuseCompound(r io.Reader) error {
	data, err := readWhole(r, saveHint)
	if err != nil {
		return err
	}
	var name []byte
	for _, c := range "EncryptedPackage" {
		name = append(name, byte(c), 0)
	}
	if bytes.Contains(data, name) {
		return &Error{What: "the workbook is encrypted with a password", Hint: "in Excel: File, Info, Protect Workbook, Encrypt with Password, and leave the password empty"}
	}
	return notATable(data[:min(len(data), startBuffer)])
}

// find opens the sheet that is wanted: by its name, or else the first visible
// one that has rows.
func (w *workbook) find(name string) (*sheetReader, error) {
	var tried []string
	for _, s := range w.sheets {
		switch {
		case name != "" && !strings.EqualFold(s.name, name), name == "" && s.hidden:
			continue
		}
		r, err := w.start(s)
		if err != nil {
			return nil, err
		}
		if name != "" || len(r.sample) > 0 || r.failed != nil {
			return r, nil
		}
		tried = append(tried, s.name)
	}
	all := "the sheets are " + quoted(w.names())
	switch {
	case len(w.sheets) == 0:
		return nil, &Error{What: "the workbook has no sheet with cells", Hint: exportHint}
	case name == "" && tried == nil:
		return nil, &Error{What: "all sheets of the workbook are hidden", Hint: "name one; " + all}
	case name == "":
		return nil, &Error{What: "the visible sheets of the workbook are empty", Hint: "name another; " + all}
	}
	what := fmt.Sprintf("the workbook has no sheet `%s`", name)
	if meant, ok := Nearest(name, w.names()); ok {
		what += fmt.Sprintf("; did you mean `%s`?", meant)
	}
	return nil, &Error{What: what, Hint: all}
}

func (w *workbook) names() []string {
	list := make([]string, len(w.sheets))
	for i, s := range w.sheets {
		list[i] = s.name
	}
	return list
}

func quoted(list []string) string {
	var shown []string
	for _, name := range list[:min(len(list), maxNames)] {
		shown = append(shown, "`"+name+"`")
	}
	if len(list) > maxNames {
		shown = append(shown, "...")
	}
	return strings.Join(shown, ", ")
}

// start opens a sheet and reads the first of its rows.
func (w *workbook) start(s sheet) (*sheetReader, error) {
	if err := w.readStrings(); err != nil {
		return nil, unreadable("its texts", err)
	}
	x, err := w.open(s.part, maxSheet)
	if err != nil {
		return nil, unreadable("a sheet", err)
	}
	r := &sheetReader{book: w, sheet: s, xml: x}
	for len(r.sample) < sampleRows {
		row, ok := r.next()
		if !ok {
			break
		}
		row.cells = slices.Clone(row.cells)
		r.sample = append(r.sample, row)
	}
	return r, nil
}

// readHeader takes the header: the wanted row of the sheet, or the one found.
func (r *sheetReader) readHeader(wanted int) error {
	hint := "correct header_row, or leave it out"
	if len(r.sample) == 0 && r.failed != nil {
		return unreadable("a sheet", r.failed)
	}
	if len(r.sample) == 0 {
		return &Error{What: "the sheet is empty", Hint: "the sheets are " + quoted(r.book.names())}
	}
	if wanted == 0 {
		var first [][]string
		for _, row := range r.sample {
			first = append(first, row.cells)
		}
		r.preamble = headerRow(first)
		wanted = r.sample[r.preamble].number
	}
	for {
		row, ok := r.nextOfSheet()
		switch {
		case !ok && r.failed != nil:
			return unreadable("a sheet", r.failed)
		case !ok:
			return &Error{What: fmt.Sprintf("the header row is said to be row %d, and the sheet has %d", wanted, r.number), Hint: hint}
		case row.number > wanted:
			return &Error{What: fmt.Sprintf("row %d, the header row, is blank", wanted), Hint: hint}
		case row.number < wanted:
			continue
		case row.fault != nil:
			return &Error{What: fmt.Sprintf("the header row, row %d, cannot be used: %v", wanted, row.fault), Hint: exportHint}
		}
		r.headerLine, r.columns = wanted, slices.Clone(row.cells)
		return nil
	}
}

// readLabels takes a second header row, if it is said to be there or is for
// certain.
func (r *sheetReader) readLabels(headerRows int) error {
	ahead := func(i int) []string {
		if i < len(r.sample) && r.sample[i].fault == nil {
			return r.sample[i].cells
		}
		return nil
	}
	if headerRows == 1 || headerRows == 0 && !areLabels(r.columns, ahead(0), ahead(1)) {
		return nil
	}
	row, ok := r.nextOfSheet()
	switch {
	case !ok:
		return &Error{What: "the header is said to have two rows, and the sheet ends after the first", Hint: "correct header_rows, or leave it out"}
	case row.fault != nil:
		return &Error{What: fmt.Sprintf("the second header row, row %d, cannot be used: %v", row.number, row.fault), Hint: exportHint}
	}
	r.labels = make([]string, len(r.columns))
	copy(r.labels, row.cells)
	return nil
}

func (r *sheetReader) about() About {
	rows := 1
	if r.labels != nil {
		rows = 2
	}
	return About{
		Format: XLSX, HeaderLine: r.headerLine, HeaderRows: rows, HeaderLabels: r.labels, Preamble: r.preamble,
		Sheet: r.sheet.name, Sheets: r.book.names(),
	}
}

func (r *sheetReader) header() []string { return r.columns }

func (r *sheetReader) err() error {
	if r.failed == nil {
		return nil
	}
	return fmt.Errorf("reading the sheet below row %d: %w", r.number, r.failed)
}

func (r *sheetReader) row() (Row, bool) {
	found, ok := r.nextOfSheet()
	if !ok {
		return Row{}, false
	}
	row := Row{Line: found.number, Err: found.fault}
	if extra := len(found.cells); row.Err == nil && extra > len(r.columns) {
		row.Err = fmt.Errorf("%d cells where the header has %d", extra, len(r.columns))
	}
	if row.Err == nil {
		r.work += len(r.columns)
		row.Cells = make([]string, len(r.columns))
		copy(row.Cells, found.cells)
	}
	return row, true
}

func (r *sheetReader) nextOfSheet() (sheetRow, bool) {
	if len(r.sample) > 0 {
		row := r.sample[0]
		r.sample = r.sample[1:]
		return row, true
	}
	return r.next()
}

// next reads the next row that is not blank. Its cells are good until the next
// call.
func (r *sheetReader) next() (sheetRow, bool) {
	for !r.done {
		row, err := r.readRow()
		if err != nil {
			r.done = true
			if !errors.Is(err, io.EOF) {
				r.failed = err
			}
		} else if len(row.cells) > 0 || row.fault != nil {
			return row, true
		}
	}
	return sheetRow{}, false
}

// readRow reads the next row, io.EOF after the last.
func (r *sheetReader) readRow() (sheetRow, error) {
	for {
		token, err := r.xml.next()
		if err != nil {
			return sheetRow{}, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if r.inside && token.Name.Local == "row" {
				return r.cellsOf(token)
			}
			r.inside = r.inside || token.Name.Local == "sheetData"
		case xml.EndElement:
			if token.Name.Local == "sheetData" {
				if err := r.xml.drain(); err != nil {
					return sheetRow{}, err
				}
				return sheetRow{}, io.EOF
			}
		}
	}
}

// cellsOf reads the row that begins with element.
func (r *sheetReader) cellsOf(element xml.StartElement) (sheetRow, error) {
	number := r.number + 1
	if at := attribute(element, "r"); at != "" {
		given, err := strconv.Atoi(at)
		if err != nil || given < number || given > math.MaxInt32 {
			return sheetRow{}, errors.New("the rows are not in order")
		}
		number = given
	}
	r.number, r.column, r.cells = number, 0, r.cells[:0]
	row := sheetRow{number: number}
	for outside := r.xml.depth - 1; ; {
		token, err := r.xml.next()
		if err != nil {
			return sheetRow{}, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local != "c" {
				continue
			}
			fault, err := r.cell(token)
			if err != nil {
				return sheetRow{}, err
			}
			if row.fault == nil {
				row.fault = fault
			}
		case xml.EndElement:
			if r.xml.depth > outside {
				continue
			}
			if r.work += len(r.cells) + 1; r.work > maxCells {
				return sheetRow{}, errors.New("the sheet has too many cells, empty ones included")
			}
			row.cells = r.cells
			return row, nil
		}
	}
}

// cell reads one cell and puts its text into its column. The fault makes the
// row unusable, the error ends the sheet.
func (r *sheetReader) cell(element xml.StartElement) (fault, err error) {
	c := cell{kind: attribute(element, "t")}
	r.column++
	if at := attribute(element, "r"); at != "" {
		column := columnOf(at)
		if column < r.column {
			return nil, errors.New("the cells are not in order")
		}
		r.column = column
	}
	if r.column > maxColumns {
		return nil, fmt.Errorf("the sheet has more than %d columns", maxColumns)
	}
	if style := attribute(element, "s"); style != "" {
		if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(r.book.formats) {
			c.format = r.book.formats[i]
		}
	}
	if err := r.xml.cell(&c); err != nil {
		return nil, err
	}
	text, fault := c.text(r.book)
	text = strings.TrimSpace(text)
	switch {
	case fault != nil:
	case len(text) > maxCell:
		fault = fmt.Errorf("cell %d is larger than %d KiB", r.column, maxCell>>10)
	case strings.IndexByte(text, 0) >= 0:
		fault = errors.New("the row holds a NUL character")
	case text != "":
		for len(r.cells) < r.column-1 {
			r.cells = append(r.cells, "")
		}
		r.cells = append(r.cells, text)
	}
	return fault, nil
}

// columnOf gives the 1-based column of a reference like AB12, more than any
// sheet has if it is none.
func columnOf(reference string) int {
	column := 0
	for i := 0; i < len(reference) && column <= maxColumns; i++ {
		switch c := reference[i] &^ 0x20; {
		case c >= 'A' && c <= 'Z':
			column = column*26 + int(c-'A'+1)
		case i == 0:
			return maxColumns + 1
		default:
			return column
		}
	}
	return column
}
