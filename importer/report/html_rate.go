package report

import (
	"strconv"
	"time"

	"authseed/importer/journal"
	"authseed/importer/plan"
	"authseed/importer/report/wording"
)

// paceBars is how many stretches of time the page draws.
const paceBars = 60

// pace draws how many changes came to an end over time. A run of less than a
// second has no course to draw.
func (v *htmlView) pace(r *journal.Run, p *plan.Plan) markup {
	of := rateOf(r, p, paceBars)
	words := paceWords(v.Words, of)
	if len(words) == 0 {
		return ""
	}
	var parts []markup
	for _, sentence := range words {
		parts = append(parts, tag("p", nil, text(sentence)))
	}
	if len(of.buckets) > 1 {
		parts = append(parts, v.paceChart(of))
	}
	return section("pace", "", v.Say("pace"), parts...)
}

// paceWords tells the course of a run: how many changes came to an end in which
// time, and the longest wait where one is worth a word. Nothing of a run that
// was over within a second.
func paceWords(w *wording.Words, of rate) []string {
	took := of.last.Sub(of.from)
	if took < time.Second {
		return nil
	}
	words := []string{w.Say("pace-text", of.done, round(took))}
	if of.gap >= worthAWord {
		words = append(words, w.Say("pace-gap", round(of.gap), of.gapAt.UTC().Format(time.TimeOnly)))
	}
	return words
}

// paceChart is a picture with its meaning in words, for those who do not see it.
func (v *htmlView) paceChart(of rate) markup {
	const height = 100
	top := of.top()
	label := v.Say("pace-each", round(of.width), of.buckets[0].At.Format(of.layout()), of.buckets[len(of.buckets)-1].At.Format(of.layout()), top)
	bars := []markup{tag("title", nil, text(label))}
	for i, b := range of.buckets {
		if b.Done == 0 {
			continue
		}
		tall := max(1, b.Done*height/top)
		bars = append(bars, tag("rect", at("class", "fill", "x", strconv.Itoa(i*10+1), "y", strconv.Itoa(height-tall), "width", "8", "height", strconv.Itoa(tall))))
	}
	return tag("figure", at("class", "course"),
		tag("svg", at("viewBox", "0 0 "+strconv.Itoa(10*len(of.buckets))+" "+strconv.Itoa(height), "preserveAspectRatio", "none", "role", "img"), bars...),
		tag("figcaption", nil, text(label)))
}
