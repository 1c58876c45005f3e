package table

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// Bounds of a workbook's parts, unpacked.
const (
	maxSheet   = 512 << 20
	maxStrings = 256 << 20
	maxPart    = 64 << 20 // of any other
	maxParts   = 10_000
	maxStyles  = 1 << 17 // twice what a workbook can hold
)

const compoundMagic = "\xd0\xcf\x11\xe0"

// workbook is an Office Open XML workbook. Its parts are read as streams and
// only those that matter: package excelize, which the tests build workbooks
// with, keeps all of them, ends a sheet without an error where its XML breaks,
// and does not tell of a streamed cell whether it holds a date, a formula or a
// text.
type workbook struct {
	parts    map[string]*zip.File // by lower-case name
	sheets   []sheet
	date1904 bool
	stale    bool // says itself that its formulas' values are not to be trusted
	formats  []cellFormat
	strings  *sharedStrings
	shared   string // part
}

type sheet struct {
	name, part string
	hidden     bool
}

// unreadable refuses a workbook that does not hold together.
func unreadable(part string, err error) error {
	var refusal *Error
	if errors.As(err, &refusal) {
		return err
	}
	return &Error{What: fmt.Sprintf("the workbook is damaged: %s: %v", part, err), Hint: "open it in Excel and save it again, or copy it again from where it was made"}
}

func readWorkbook(data []byte) (*workbook, error) {
	// Each entry costs memory before anything of it is read.
	if bytes.Count(data, []byte("PK\x01\x02")) > maxParts {
		return nil, &Error{What: fmt.Sprintf("the ZIP archive has more than %d entries and is no workbook of people", maxParts), Hint: exportHint}
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, unreadable("its ZIP archive", err)
	}
	w := &workbook{parts: map[string]*zip.File{}}
	for _, file := range archive.File {
		name := partName("", file.Name)
		if w.parts[name] != nil {
			return nil, unreadable("its ZIP archive", errors.New("two entries have one name"))
		}
		w.parts[name] = file
	}
	main := "xl/workbook.xml"
	if rels, err := w.relations(""); err == nil {
		for _, r := range rels {
			if r.kind == "officeDocument" {
				main = r.part
			}
		}
	}
	if err := w.refuseOthers(main); err != nil {
		return nil, err
	}
	return w, w.readMain(main)
}

// refuseOthers says what a ZIP archive is that is no workbook.
func (w *workbook) refuseOthers(main string) error {
	switch {
	case strings.HasSuffix(main, ".bin"), w.parts["xl/workbook.bin"] != nil:
		return &Error{What: "the file is a binary Excel workbook (.xlsb)", Hint: "in Excel: Save As, Excel Workbook (.xlsx)"}
	case w.parts["content.xml"] != nil:
		return &Error{What: "the file is an OpenDocument file", Hint: "save it as an Excel workbook (.xlsx), or as CSV UTF-8"}
	case w.parts[main] == nil:
		return noWorkbook
	}
	return nil
}

var noWorkbook = &Error{What: "the file is a ZIP archive and no Excel workbook", Hint: "unpack it, and give the file with the rows"}

func (w *workbook) readMain(main string) error {
	rels, err := w.relations(main)
	if err != nil {
		return unreadable("the list of its parts", err)
	}
	if err := w.readSheets(main, rels); err != nil {
		return unreadable(path.Base(main), err)
	}
	for _, r := range rels {
		switch r.kind {
		case "styles":
			if err := w.readStyles(r.part); err != nil {
				return unreadable(path.Base(r.part), err)
			}
		case "sharedStrings":
			w.shared = r.part
		}
	}
	return nil
}

// partName gives a part's name as it is looked up, seen from a folder.
func partName(folder, name string) string {
	name = strings.ReplaceAll(name, "\\", "/")
	if !strings.HasPrefix(name, "/") {
		name = path.Join(folder, name)
	}
	return strings.ToLower(strings.TrimPrefix(path.Clean(name), "/"))
}

// open reads a part that is not larger than limit. The archive's reader stops
// at the size that an entry claims, so a claim is as good as the size.
func (w *workbook) open(part string, limit uint64) (*xmlStream, error) {
	file := w.parts[part]
	if file == nil {
		return nil, errors.New("the part is missing")
	}
	size := file.UncompressedSize64
	if size > limit {
		return nil, &Error{What: fmt.Sprintf("a part of the workbook is larger than %d MiB", limit>>20), Hint: "split it, or export it as CSV UTF-8, which has no such bound"}
	}
	if size > freeSize && size/maxRatio > file.CompressedSize64 {
		return nil, &Error{What: "a part of the workbook unpacks to more than any table would", Hint: exportHint}
	}
	r, err := file.Open()
	if err != nil {
		return nil, err
	}
	return newXMLStream(r), nil
}

// each calls take at every element of a part, with the name of the element at
// the second level around it.
func (w *workbook) each(part string, take func(around string, element xml.StartElement) error) error {
	x, err := w.open(part, maxPart)
	if err != nil {
		return err
	}
	around := ""
	for {
		token, err := x.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if element, ok := token.(xml.StartElement); ok {
			if x.depth == 2 {
				around = element.Name.Local
			}
			if err := take(around, element); err != nil {
				return err
			}
		}
	}
}

// relation names a part that another part refers to.
type relation struct{ id, kind, part string }

// relations gives what a part refers to; the empty part is the whole archive.
func (w *workbook) relations(part string) ([]relation, error) {
	folder, base := path.Split(part)
	var rels []relation
	err := w.each(partName(folder, "_rels/"+base+".rels"), func(_ string, e xml.StartElement) error {
		if e.Name.Local == "Relationship" && attribute(e, "TargetMode") != "External" && len(rels) < maxParts {
			rels = append(rels, relation{attribute(e, "Id"), path.Base(attribute(e, "Type")), partName(folder, attribute(e, "Target"))})
		}
		return nil
	})
	return rels, err
}

// readSheets reads the list of sheets. Sheets that are not tables, charts for
// one, are left out.
func (w *workbook) readSheets(main string, rels []relation) error {
	byID := map[string]relation{}
	for _, r := range rels {
		byID[r.id] = r
	}
	return w.each(main, func(around string, e xml.StartElement) error {
		switch {
		case around == "" && e.Name.Local != "workbook":
			return noWorkbook
		case e.Name.Local == "workbookPr" && around == "workbookPr":
			w.date1904 = truth(attribute(e, "date1904"))
		case e.Name.Local == "calcPr" && around == "calcPr":
			w.stale = truth(attribute(e, "fullCalcOnLoad"))
		case e.Name.Local == "sheet" && around == "sheets":
			s := sheet{name: attribute(e, "name")}
			for _, a := range e.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" {
					s.part = byID[a.Value].part
					if byID[a.Value].kind != "worksheet" {
						return nil
					}
				}
			}
			state := attribute(e, "state")
			s.hidden = state != "" && state != "visible"
			if len(w.sheets) < maxParts {
				w.sheets = append(w.sheets, s)
			}
		}
		return nil
	})
}

func truth(value string) bool { return value == "1" || value == "true" || value == "on" }

// readStyles reads which number format each style has.
func (w *workbook) readStyles(part string) error {
	custom := map[int]cellFormat{}
	return w.each(part, func(around string, e xml.StartElement) error {
		switch {
		case around == "numFmts" && e.Name.Local == "numFmt":
			id, err := strconv.Atoi(attribute(e, "numFmtId"))
			if err == nil && len(custom) < maxStyles {
				custom[id] = parseFormat(attribute(e, "formatCode"))
			}
		case around == "cellXfs" && e.Name.Local == "xf":
			if len(w.formats) == maxStyles {
				return fmt.Errorf("more than %d styles", maxStyles)
			}
			id, _ := strconv.Atoi(attribute(e, "numFmtId"))
			format, ok := custom[id]
			if !ok {
				format = builtin(id)
			}
			w.formats = append(w.formats, format)
		}
		return nil
	})
}

// sharedStrings are the texts that cells refer to by number.
type sharedStrings struct {
	all  string
	ends []uint32 // in all
}

func (s *sharedStrings) text(number string) (string, bool) {
	i, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil || i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.all[from:s.ends[i]], true
}

// readStrings reads the shared strings once they are needed.
func (w *workbook) readStrings() error {
	if w.strings != nil {
		return nil
	}
	w.strings = &sharedStrings{}
	if w.shared == "" {
		return nil
	}
	x, err := w.open(w.shared, maxStrings)
	if err != nil {
		return err
	}
	var all strings.Builder
	for {
		token, err := x.next()
		if errors.Is(err, io.EOF) {
			w.strings.all = all.String()
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "si" {
			text, err := x.richText()
			if err != nil {
				return err
			}
			all.WriteString(text)
			w.strings.ends = append(w.strings.ends, uint32(all.Len()))
		}
	}
}
