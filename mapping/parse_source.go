package mapping

import (
	"fmt"
	"math"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"authseed/mapping/charset"
	"authseed/mapping/table"
)

func (p *parsing) source(node ast.Node) {
	fields, _ := block[Source](p, node, "source")
	for _, f := range fields {
		switch f.key {
		case "format":
			if text, ok := p.word(f.value, f.key, formatWords()...); ok && text != auto {
				p.m.source.Format = table.Format(text)
			}
		case "encoding":
			p.encoding(f.value)
		case "delimiter":
			p.delimiter(f.value)
		case "quote":
			if text, ok := p.word(f.value, f.key, quoteWords...); ok {
				p.m.source.Quote = quotes[text]
			}
		case "header_row":
			p.m.source.HeaderLine = p.number(f.value, f.key, math.MaxInt32, "count lines from 1, or write auto")
		case "header_rows":
			p.m.source.HeaderRows = p.number(f.value, f.key, 2, "write 1, 2 or auto")
		case "sheet":
			p.m.source.Sheet, _ = p.text(f.value, f.key)
		}
	}
}

const auto = "auto"

var (
	delimiterWords = []string{auto, "tab", ",", ";", "|"}
	quoteWords     = []string{auto, "double", "single"}
	quotes         = map[string]rune{"double": '"', "single": '\''}
)

func formatWords() []string {
	words := []string{auto}
	for _, f := range table.Formats() {
		words = append(words, string(f))
	}
	return words
}

func (p *parsing) encoding(node ast.Node) {
	text, ok := p.text(node, "encoding")
	if !ok || text == auto {
		return
	}
	encoding, err := charset.Parse(text)
	if err != nil {
		p.problems.add(nodePlace(node), err.Error(), "")
		return
	}
	p.m.source.Encoding = encoding
}

func (p *parsing) delimiter(node ast.Node) {
	// Not read as other texts are: trimmed, a tab would be nothing.
	text, ok := textOf(node)
	if text != "\t" {
		text, ok = p.word(node, "delimiter", delimiterWords...)
	}
	switch {
	case !ok || text == auto:
	case text == "tab":
		p.m.source.Delimiter = '\t'
	default:
		p.m.source.Delimiter = rune(text[0])
	}
}

// number reads a number from 1 to most, or auto, which is 0.
func (p *parsing) number(node ast.Node, what string, most int, hint string) int {
	text, ok := p.text(node, what)
	if !ok || text == auto {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		p.problems.add(nodePlace(node), fmt.Sprintf("%s `%s` is not a number that it can be", what, text), hint)
		return 0
	}
	return n
}
