package graphsim

import (
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// batchReply writes the answer to a batch: last item first, because Graph
// promises no order and a client must not find one, or as the lever has it.
func (s *Server) batchReply(items []item, order uint64) reply {
	form := s.options.Levers.Form
	positions := func(i int) int { return len(items) - 1 - i }
	if form.Shuffle {
		shuffled := rand.New(rand.NewPCG(order, 0)).Perm(len(items))
		positions = func(i int) int { return shuffled[i] }
	}
	truncated := false
	const opening = `{"responses":[`
	body := append(make([]byte, 0, 1024*len(items)), opening...)
	for i := range items {
		it := &items[positions(i)]
		truncated = truncated || it.reply.truncated
		if it.reply.missing {
			continue
		}
		if len(body) > len(opening) {
			body = append(body, ',')
		}
		body = append(body, `{"id":`...)
		body = appendString(body, it.id)
		body = strconv.AppendInt(append(body, `,"status":`...), int64(it.reply.status), 10)
		body = append(body, `,"headers":{`...)
		body = form.appendHeaders(body, it)
		body = append(body, '}')
		switch rep := &it.reply; {
		case rep.html || rep.text:
			// A body that is not JSON is sent as base64.
			body = append(body, `,"body":"`...)
			body = append(base64.StdEncoding.AppendEncode(body, rep.body), '"')
		case rep.code != "":
			body = s.appendError(append(body, `,"body":`...), rep, it.ids)
		case rep.body != nil:
			body = append(append(body, `,"body":`...), rep.body...)
		}
		body = append(body, '}')
	}
	return reply{status: http.StatusOK, body: append(body, "]}"...), truncated: truncated}
}

// appendHeaders writes the members of an item's headers.
func (f Form) appendHeaders(dst []byte, it *item) []byte {
	dst = f.appendHeader(dst, "request-id", it.ids.request)
	dst = f.appendHeader(append(dst, ','), "client-request-id", it.ids.client)
	if kind := it.reply.contentType(); kind != "" {
		dst = f.appendHeader(append(dst, ','), "Content-Type", kind)
	}
	if len(it.reply.header) == 0 {
		return dst
	}
	names := make([]string, 0, len(it.reply.header))
	for name := range it.reply.header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		dst = f.appendHeader(append(dst, ','), name, strings.Join(it.reply.header[name], ","))
	}
	return dst
}

func (f Form) appendHeader(dst []byte, name, value string) []byte {
	dst = append(appendString(dst, f.Case.spell(name)), ':')
	if f.Numbers && isNumber(value) {
		return append(dst, value...)
	}
	return appendString(dst, value)
}

// isNumber reports whether the text is a JSON number as it stands.
func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789.") == "" && json.Valid([]byte(text))
}

func (c LetterCase) spell(name string) string {
	switch c {
	case LowerCase:
		return strings.ToLower(name)
	case UpperCase:
		return strings.ToUpper(name)
	case MixedCase:
		mixed := []byte(strings.ToLower(name))
		for i := 1; i < len(mixed); i += 2 {
			if mixed[i] >= 'a' && mixed[i] <= 'z' {
				mixed[i] -= 'a' - 'A'
			}
		}
		return string(mixed)
	}
	return name
}
