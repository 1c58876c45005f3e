package table

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"authseed/mapping/charset"
)

// Bounds of a file.
const (
	maxWhole = 256 << 20 // of a format that is not read row by row
	maxRatio = 200       // unpacked to packed; tables reach 60
	freeSize = 16 << 20  // so much may come from however few bytes
	maxGzip  = 256 << 20 // unpacked, where the ratio is passed

	// Rows times columns: rows may be a few bytes long and still have a cell for
	// each column of the longest.
	maxCells = 1 << 28
)

var gzipMagic = []byte("\x1f\x8b")

// openSource finds the format of a file by its first bytes and reads as far as
// the header.
func openSource(r io.Reader, o Options) (source, error) {
	packed := &counter{src: r}
	in := bufio.NewReaderSize(packed, startBuffer)
	if start, _ := in.Peek(len(gzipMagic)); !bytes.Equal(start, gzipMagic) {
		return openPlain(in, o)
	}
	unpacked, err := gunzip(in, packed)
	if err != nil {
		return nil, err
	}
	in = bufio.NewReaderSize(&counter{src: unpacked}, startBuffer)
	if start, _ := in.Peek(len(gzipMagic)); bytes.Equal(start, gzipMagic) {
		return nil, &Error{What: "the file is compressed with gzip twice", Hint: "decompress it once"}
	}
	inner, err := openPlain(in, o)
	var refusal *Error
	if err != nil && !errors.As(err, &refusal) && packed.failed() == nil {
		return nil, &Error{What: fmt.Sprintf("the file is compressed with gzip and damaged: %v", err), Hint: "copy it again from where it was made"}
	}
	if err != nil {
		return nil, err
	}
	return gzipped{inner}, nil
}

func openPlain(in *bufio.Reader, o Options) (source, error) {
	start, _ := in.Peek(startBuffer)
	format := o.Format
	if format == "" {
		format = recognise(start)
	}
	switch format {
	case XLSX:
		return openWorkbook(in, o)
	case JSON, JSONLines:
		return openJSON(in, o.Format)
	case HDL:
		return openHDL(in)
	case CSV:
		if bytes.HasPrefix(start, []byte(compoundMagic)) {
			return nil, refuseCompound(in)
		}
		return openText(in, o)
	}
	return nil, &Error{What: fmt.Sprintf("`%s` is not a format", format), Hint: "use csv, xlsx, json, jsonl or hdl, or leave it out"}
}

// recognise tells the format by the start of a file; JSON stands for JSON
// Lines too.
func recognise(start []byte) Format {
	if bytes.HasPrefix(start, []byte("PK\x03\x04")) || bytes.HasPrefix(start, []byte("PK\x05\x06")) {
		return XLSX
	}
	encoding, mark := charset.BOM(start)
	text := start[mark:]
	if mark > 0 && encoding != charset.UTF8 {
		// The start may cut a character; no format is told by its last one.
		text, _ = io.ReadAll(charset.NewReader(bytes.NewReader(text), encoding))
	}
	text = bytes.TrimSpace(text)
	switch {
	case len(text) == 0:
		return CSV
	case text[0] == '{', text[0] == '[' && bytes.IndexAny(bytes.TrimSpace(text[1:]), "{[\"]") == 0:
		return JSON
	case startsHDL(text):
		return HDL
	}
	return CSV
}

// readWhole reads a file that has to be in memory, within the bound.
func readWhole(r io.Reader, hint string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxWhole+1))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if len(data) > maxWhole {
		return nil, &Error{What: fmt.Sprintf("the file is larger than %d MiB", maxWhole>>20), Hint: hint}
	}
	return data, nil
}

// asUTF8 takes the byte order mark off and turns UTF-16, which Windows
// PowerShell writes, into UTF-8.
func asUTF8(data []byte) ([]byte, error) {
	encoding, mark := charset.BOM(data)
	if mark == 0 {
		return data, nil
	}
	data = data[mark:]
	if encoding == charset.UTF8 {
		return data, nil
	}
	text, err := io.ReadAll(charset.NewReader(bytes.NewReader(data), encoding))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if !utf8.Valid(text) {
		return nil, &Error{What: fmt.Sprintf("the file is %s and holds half a character", encoding), Hint: "save it as UTF-8, or copy it again from where it was made"}
	}
	return text, nil
}

// gzipped is a table out of a gzip file.
type gzipped struct{ source }

func (g gzipped) about() About {
	about := g.source.about()
	about.Gzip = true
	return about
}

// inflater reads what a gzip file holds and stops at what is no table's doing.
type inflater struct {
	src    io.Reader
	packed *counter
	size   int64
}

func gunzip(in io.Reader, packed *counter) (io.Reader, error) {
	z, err := gzip.NewReader(in)
	if err != nil && packed.failed() != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if err != nil {
		return nil, &Error{What: "the file begins like gzip and is not", Hint: "copy it again from where it was made"}
	}
	return &inflater{src: z, packed: packed}, nil
}

func (i *inflater) Read(p []byte) (int, error) {
	n, err := i.src.Read(p)
	i.size += int64(n)
	if i.size > maxGzip && i.size/maxRatio > i.packed.size {
		return 0, fmt.Errorf("unpacking gzip: over %d MiB out of %d KiB is no table", maxGzip>>20, i.packed.size>>10)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, fmt.Errorf("unpacking gzip: %w", err)
	}
	return n, err
}

// counter counts the bytes of a reader and repeats its error: who peeks at a
// buffer uses the error up.
type counter struct {
	src  io.Reader
	size int64
	err  error
}

func (c *counter) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.src.Read(p)
	c.size += int64(n)
	c.err = err
	return n, err
}

// failed is an error other than the end of the file.
func (c *counter) failed() error {
	if errors.Is(c.err, io.EOF) {
		return nil
	}
	return c.err
}
