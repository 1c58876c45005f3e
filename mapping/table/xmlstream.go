package table

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Bounds of the XML inside a workbook. The longest text of a cell has 32,767
// characters.
const (
	maxToken   = 1 << 20
	maxNesting = 64
)

// xmlStream reads one XML part of a workbook token by token, in memory that
// the part's size has no say in. It does not hold names against their closing
// ones: nothing here depends on them.
type xmlStream struct {
	decoder *xml.Decoder
	guard   *guard
	depth   int
}

func newXMLStream(r io.Reader) *xmlStream {
	g := &guard{src: bufio.NewReaderSize(r, startBuffer)}
	return &xmlStream{decoder: xml.NewDecoder(g), guard: g}
}

// next gives the next token, io.EOF only behind the last closing one.
func (x *xmlStream) next() (xml.Token, error) {
	x.guard.left = maxToken
	token, err := x.decoder.RawToken()
	if err != nil {
		if errors.Is(err, io.EOF) && x.depth > 0 {
			return nil, io.ErrUnexpectedEOF
		}
		// The decoder's own words would quote the text.
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("its XML breaks in line %d", syntax.Line)
		}
		return nil, err
	}
	switch token.(type) {
	case xml.StartElement:
		if x.depth++; x.depth > maxNesting {
			return nil, fmt.Errorf("XML nested more than %d levels deep", maxNesting)
		}
	case xml.EndElement:
		if x.depth--; x.depth < 0 {
			return nil, errors.New("XML closes what it never opened")
		}
	}
	return token, nil
}

// text gives the text of the element just opened, and of what is in it but for
// the elements named without.
func (x *xmlStream) text(without string) (string, error) {
	var text []byte
	outside, skipped := x.depth-1, 0
	for {
		token, err := x.next()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if skipped == 0 && without != "" && token.Name.Local == without {
				skipped = x.depth
			}
		case xml.CharData:
			if skipped == 0 {
				text = append(text, token...)
			}
			if len(text) > maxToken {
				return "", fmt.Errorf("XML with a text larger than %d KiB", maxToken>>10)
			}
		case xml.EndElement:
			if x.depth == outside {
				return string(text), nil
			}
			if x.depth < skipped {
				skipped = 0
			}
		}
	}
}

// skip steps behind the element just opened.
func (x *xmlStream) skip() error {
	for outside := x.depth - 1; ; {
		token, err := x.next()
		if err != nil {
			return err
		}
		if _, end := token.(xml.EndElement); end && x.depth == outside {
			return nil
		}
	}
}

// drain reads to the end of the part, where its checksum is compared.
func (x *xmlStream) drain() error {
	_, err := io.Copy(io.Discard, x.guard.src)
	return err
}

func attribute(element xml.StartElement, name string) string {
	for _, a := range element.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// guard ends a token that is larger than any in a workbook.
type guard struct {
	src  *bufio.Reader
	left int
}

func (g *guard) ReadByte() (byte, error) {
	if g.left == 0 {
		return 0, fmt.Errorf("XML with a token larger than %d KiB", maxToken>>10)
	}
	g.left--
	return g.src.ReadByte()
}

// Read is there for the decoder's signature, which reads byte by byte.
func (g *guard) Read(p []byte) (int, error) {
	b, err := g.ReadByte()
	if err != nil || len(p) == 0 {
		return 0, err
	}
	p[0] = b
	return 1, nil
}
