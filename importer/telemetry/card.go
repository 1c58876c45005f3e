package telemetry

import (
	"fmt"
	"strconv"
	"time"
)

// The parts of an Adaptive Card that are used (adaptivecards.io, "Schema
// Explorer"), in the envelope of learn.microsoft.com, "Create Incoming Webhooks
// with Workflows for Microsoft Teams".
type (
	message struct {
		Type        string       `json:"type"`
		Attachments []attachment `json:"attachments"`
	}
	attachment struct {
		ContentType string       `json:"contentType"`
		ContentURL  *string      `json:"contentUrl"`
		Content     adaptiveCard `json:"content"`
	}
	adaptiveCard struct {
		Schema  string `json:"$schema"`
		Type    string `json:"type"`
		Version string `json:"version"`
		Body    []any  `json:"body"`
	}
	richText struct {
		Type    string    `json:"type"`
		Inlines []textRun `json:"inlines"`
	}
	textRun struct {
		Type   string `json:"type"`
		Text   string `json:"text"`
		Weight string `json:"weight,omitempty"`
		Size   string `json:"size,omitempty"`
		Color  string `json:"color,omitempty"`
	}
	factSet struct {
		Type  string `json:"type"`
		Facts []fact `json:"facts"`
	}
	fact struct {
		Title string `json:"title"`
		Value string `json:"value"`
	}
)

// rich is a paragraph in which nothing is Markdown: what an error says may come
// from a file or a service, and must not become a link.
func rich(run textRun) richText {
	run.Type = "TextRun"
	return richText{"RichTextBlock", []textRun{run}}
}

// card is what a Teams workflow posts. A fact's value is Markdown, so facts are
// numbers, times and ids alone.
func card(s *Summary) message {
	color := map[Event]string{Refusal: "warning", Failure: "attention", Success: "good"}[s.Event()]
	title := "authseed: " + string(s.Outcome)
	if s.Tenant != "" {
		title = "authseed, " + s.Tenant + ": " + string(s.Outcome)
	}
	body := []any{rich(textRun{Text: title, Weight: "bolder", Size: "medium", Color: color})}
	if s.Job != "" {
		body = append(body, rich(textRun{Text: "Job " + s.Job}))
	}
	for _, text := range []string{s.Error, s.Hint} {
		if text != "" {
			body = append(body, rich(textRun{Text: text}))
		}
	}
	body = append(body, factSet{"FactSet", facts(s)})
	return message{"message", []attachment{{
		ContentType: "application/vnd.microsoft.card.adaptive",
		Content:     adaptiveCard{"http://adaptivecards.io/schemas/adaptive-card.json", "AdaptiveCard", "1.4", body},
	}}}
}

func facts(s *Summary) []fact {
	all := []fact{
		{"Ended", fmt.Sprintf("%s, after %s", s.Ended.UTC().Format("2006-01-02 15:04 UTC"), s.Duration().Round(time.Second))},
		{"Exit status", strconv.Itoa(s.ExitStatus)},
	}
	if s.RunID != "" {
		all = append(all, fact{"Run", s.RunID})
	}
	add := func(title string, n int) {
		if n > 0 {
			all = append(all, fact{title, strconv.Itoa(n)})
		}
	}
	add("Rows", s.Rows)
	add("Changes planned", s.Changes.Planned)
	add("Done", s.Changes.Done)
	add("Failed", s.Changes.Failed)
	add("Stale", s.Changes.Stale)
	add("Unknown", s.Changes.Unknown)
	add("Not tried", s.Changes.Pending)
	add("Held back", s.HeldBack)
	skipped := 0
	for _, n := range s.Skipped {
		skipped += n
	}
	add("Skipped", skipped)
	return all
}
