package graphsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// largestBatch is how many items a batch may hold (learn.microsoft.com,
// "Combine multiple HTTP requests using JSON batching").
const largestBatch = 20

// item is one request of a batch.
type item struct {
	request
	id        string // as sent
	dependsOn []int  // positions of earlier items
	reply     reply
	ids       ids
}

// envelopeItem is an item as it is sent. atomicityGroup, which Graph ignores,
// and any other member are overlooked.
type envelopeItem struct {
	id, method, url string
	headers, body   []byte // JSON; nil when absent or null
	dependsOn       []string
}

// parseEnvelope reads the items as they were sent; it fails when the text is
// not JSON or a member has the wrong type.
func parseEnvelope(body []byte) ([]envelopeItem, bool) {
	var sent []envelopeItem
	ok := json.Valid(body) && members(body, func(name string, value []byte) bool {
		return name != "requests" || elements(value, func(element []byte) bool {
			sent = append(sent, envelopeItem{})
			return members(element, sent[len(sent)-1].read)
		})
	})
	return sent, ok
}

// read takes one member of an item.
func (it *envelopeItem) read(name string, value []byte) (ok bool) {
	if string(value) == "null" {
		return true
	}
	switch name {
	case "id":
		it.id, ok = text(value)
	case "method":
		it.method, ok = text(value)
	case "url":
		it.url, ok = text(value)
	case "headers":
		it.headers, ok = value, true
	case "body":
		it.body, ok = value, true
	case "dependsOn":
		ok = json.Unmarshal(value, &it.dependsOn) == nil
	default:
		ok = true
	}
	return ok
}

// parseBatch reads the items of a batch. Whatever makes the envelope malformed
// refuses the whole of it. The words for a double id, a missing body and mixed
// dependencies are Graph's own; where the page only says "400" the rest is
// unverified.
func (s *Server) parseBatch(rq *request) ([]item, *reply) {
	if !rq.authorized && !(rq.expired && s.options.Levers.TokenInItems) {
		rep := rejected(rq, gateway)
		return nil, &rep
	}
	if !plainEncoding(rq.contentEncoding) {
		rep := unsupportedEncoding(gateway)
		return nil, &rep
	}
	if !isJSON(rq.contentType) {
		rep := unsupportedType(gateway)
		return nil, &rep
	}
	sent, ok := parseEnvelope(rq.body)
	if !ok || len(sent) == 0 {
		return nil, malformed("Invalid batch payload format.")
	}
	if len(sent) > largestBatch {
		return nil, malformed("The batch holds %d requests. At most %d are allowed.", len(sent), largestBatch)
	}
	items := make([]item, len(sent))
	positions := make(map[string]int, len(items))
	for i := range sent {
		if refused := s.parseItem(&items[i], &sent[i], rq, positions); refused != nil {
			return nil, refused
		}
		positions[fold(items[i].id)] = i
	}
	if !fullySequential(items) && !fullyParallel(items) {
		return nil, malformed("Batch should be either fully sequential or fully parallel.")
	}
	return items, nil
}

func malformed(format string, args ...any) *reply {
	rep := badRequest(gateway, format, args...)
	return &rep
}

// parseItem fills one item; positions holds those before it.
func (s *Server) parseItem(it *item, sent *envelopeItem, batch *request, positions map[string]int) *reply {
	if sent.id == "" {
		return malformed("Every request of a batch needs an id.")
	}
	it.id = sent.id
	if _, taken := positions[fold(it.id)]; taken {
		return malformed("Request Id %s has to be unique in a batch.", it.id)
	}
	for _, id := range sent.dependsOn {
		position, known := positions[fold(id)]
		if !known {
			return malformed("Invalid dependency for request Id %s.", it.id)
		}
		if !slices.Contains(it.dependsOn, position) {
			it.dependsOn = append(it.dependsOn, position)
		}
	}
	it.request = request{base: batch.base, authorized: batch.authorized, expired: batch.expired, method: sent.method, body: sent.body}
	it.call = Call{Batched: true, ClientRequestID: batch.call.ClientRequestID}
	if sent.headers != nil && !members(sent.headers, it.readHeader) {
		return malformed("Invalid batch payload format.")
	}
	switch sent.method {
	case http.MethodPost, http.MethodPatch, http.MethodPut:
		if it.body == nil || it.contentType == "" {
			return malformed("Write request id : %s does not contain Content-Type header or body.", it.id)
		}
	case http.MethodGet, http.MethodDelete:
		if it.body != nil && it.contentType == "" {
			return malformed("Request id : %s has a body but no Content-Type header.", it.id)
		}
	default:
		return malformed("Request id : %s has an invalid HTTP method.", it.id)
	}
	return s.aimItem(it, sent.url)
}

// readHeader takes one of an item's headers, whose values have to be strings.
func (it *item) readHeader(name string, raw []byte) bool {
	value, ok := text(raw)
	switch {
	case strings.EqualFold(name, "Content-Type"):
		it.contentType = value
	case strings.EqualFold(name, "Content-Encoding"):
		it.contentEncoding = value
	case strings.EqualFold(name, "ConsistencyLevel"):
		it.consistency = value
	case strings.EqualFold(name, "client-request-id"):
		it.call.ClientRequestID = value
	}
	return ok
}

// aimItem reads the item's URL. What stands behind an unescaped # is lost, as
// it is on the web.
func (s *Server) aimItem(it *item, sent string) *reply {
	if sent == "" {
		return malformed("Request id : %s has no url.", it.id)
	}
	target, _, _ := strings.Cut(sent, "#")
	if path, _, _ := strings.Cut(target, "?"); strings.HasPrefix(path, "//") || strings.Contains(path, "://") {
		return malformed("Invalid request URL of request id : %s. It has to be relative.", it.id)
	}
	it.target = "/" + strings.TrimPrefix(target, "/")
	s.aim(&it.request)
	if path, _, _ := strings.Cut(it.call.Path, "?"); path == "/$batch" {
		return malformed("Request id : %s is a batch within a batch.", it.id)
	}
	return nil
}

// fullySequential reports whether every item depends on the one before it.
func fullySequential(items []item) bool {
	for i := range items {
		if i > 0 && (len(items[i].dependsOn) != 1 || items[i].dependsOn[0] != i-1) {
			return false
		}
	}
	return true
}

// fullyParallel reports whether no item depends on another, or all that do
// depend on the same one.
func fullyParallel(items []item) bool {
	shared := -1
	for i := range items {
		switch needs := items[i].dependsOn; {
		case len(needs) == 0:
		case len(needs) > 1, shared >= 0 && shared != needs[0]:
			return false
		default:
			shared = needs[0]
		}
	}
	return true
}

// runBatch attempts the items in their order. It fails with errCut when the
// lever cuts the connection.
func (s *Server) runBatch(items []item) error {
	s.stats.items.Add(int64(len(items)))
	for i := range items {
		it := &items[i]
		if slices.ContainsFunc(it.dependsOn, func(earlier int) bool { return items[earlier].reply.status >= 400 }) {
			// The code is unverified.
			it.reply = refuse(gateway, http.StatusFailedDependency, "FailedDependency", "The request this one depends on has failed.")
		} else {
			var err error
			if it.reply, err = s.attempt(&it.request, func() *Fault { return s.fault(it.call) }); err != nil {
				return err
			}
		}
		it.ids = s.idsFor(&it.request)
	}
	return nil
}
