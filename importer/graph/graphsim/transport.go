package graphsim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// errCut is the lever's cut connection.
var errCut = errors.New("the connection was cut")

// largestBody bounds what is read of one request: 4 MB, Graph's limit.
const largestBody = 4 << 20

// answer is the reply to one HTTP request, ready to leave.
type answer struct {
	status int
	header http.Header
	body   []byte

	truncated bool // half of the body is sent
}

// ServeHTTP answers one request. A cut connection, a truncated answer and a
// client that is gone end in [http.ErrAbortHandler], which every [http.Server]
// understands.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, err := s.serve(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.truncated {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that is gone needs no answer
}

// Transport gives a transport that serves requests inside the process, for any
// host, in the caller's goroutine. It honours the request's context while it
// waits for [Options.Latency]. A cut connection is an error that wraps
// [io.ErrUnexpectedEOF], and a truncated body ends with that.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	a, err := t.server.serve(r)
	if errors.Is(err, errCut) {
		return nil, fmt.Errorf("%w: %w", err, io.ErrUnexpectedEOF)
	}
	if err != nil {
		return nil, err
	}
	var body io.Reader = bytes.NewReader(a.body)
	if a.truncated {
		body = io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), brokenOff{})
	}
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode: a.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        a.header,
		Body:          io.NopCloser(body),
		ContentLength: int64(len(a.body)),
		Request:       r,
	}, nil
}

// brokenOff is the end of a truncated body.
type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// serve answers one HTTP request, or fails with errCut or with what took the
// client away.
func (s *Server) serve(r *http.Request) (*answer, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s.stats.roundTrips.Add(1)
	rq, refused, err := s.receive(r)
	if err != nil {
		return nil, err
	}
	if refused == nil && rq.batch && rq.method == http.MethodPost {
		return s.serveBatch(r.Context(), rq)
	}
	s.stats.begin(rq)
	defer s.stats.end(rq)
	s.arrived(1)
	trip := s.trip(rq, nil)
	if err := s.wait(r.Context(), trip.delay); err != nil {
		return nil, err
	}
	from := rq.service()
	if refused != nil {
		from = gateway
	}
	rep, err := apply(trip.fault, from, func() (reply, error) {
		if refused != nil {
			return *refused, nil
		}
		return s.attempt(rq, noFault) // the caller's lever was asked of the trip
	})
	if err != nil {
		return nil, err
	}
	return s.answer(rq, &rep)
}

func noFault() *Fault { return nil }

// serveBatch answers one batch.
func (s *Server) serveBatch(ctx context.Context, rq *request) (*answer, error) {
	items, refused := s.parseBatch(rq)
	for i := range items {
		s.stats.begin(&items[i].request)
		defer s.stats.end(&items[i].request)
	}
	s.arrived(len(items))
	trip := s.trip(rq, items)
	if err := s.wait(ctx, trip.delay); err != nil {
		return nil, err
	}
	rep, err := apply(trip.fault, gateway, func() (reply, error) {
		if refused != nil {
			return *refused, nil
		}
		if refused := s.noneLeft(len(items)); refused != nil {
			s.stats.throttledItems.Add(int64(len(items)))
			return *refused, nil
		}
		if err := s.runBatch(items); err != nil {
			return reply{}, err
		}
		return s.batchReply(items, trip.order), nil
	})
	if err != nil {
		return nil, err
	}
	if rep.code == "" && !rep.missing {
		for i := range items {
			if !items[i].reply.missing {
				s.answered(&items[i].request, &items[i].reply)
			}
		}
	}
	s.reportUse(&rep)
	return s.answer(rq, &rep)
}

// perform does one operation under its fault.
func (s *Server) perform(rq *request, fault *Fault) (reply, error) {
	return apply(fault, rq.service(), func() (reply, error) { return s.handle(rq), nil })
}

// apply lets the fault come before, after or not at all.
func apply(fault *Fault, from service, do func() (reply, error)) (reply, error) {
	if fault == nil {
		return do()
	}
	rep := fault.reply(from)
	if fault.After || fault.Truncate {
		done, err := do()
		if err != nil {
			return reply{}, err
		}
		if fault.Truncate || fault.Missing {
			rep = done
		}
	}
	if fault.Cut {
		return reply{}, errCut
	}
	rep.truncated = rep.truncated || fault.Truncate
	rep.missing = rep.missing || fault.Missing
	return rep, nil
}

// wait is the latency. No lock is held and nothing has happened yet.
func (s *Server) wait(ctx context.Context, more time.Duration) error {
	latency := s.options.Latency + more
	if latency <= 0 {
		return nil
	}
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// receive reads an HTTP request. A path outside /v1.0 and a body that is too
// large are refusals already.
func (s *Server) receive(r *http.Request) (*request, *reply, error) {
	rq := &request{
		method:          r.Method,
		base:            baseOf(r),
		contentType:     r.Header.Get("Content-Type"),
		contentEncoding: r.Header.Get("Content-Encoding"),
		consistency:     r.Header.Get("ConsistencyLevel"),
	}
	rq.authorized, rq.expired = s.authorizes(r.Header.Get("Authorization"))
	rq.call.ClientRequestID = r.Header.Get("client-request-id")
	path := r.URL.EscapedPath()
	below, found := strings.CutPrefix(path, "/v1.0/")
	if !found {
		rq.call.Method, rq.call.Path = r.Method, path
		rq.unknown = strings.TrimPrefix(path, "/")
		return rq, nil, nil
	}
	rq.target = "/" + below
	if r.URL.RawQuery != "" {
		rq.target += "?" + r.URL.RawQuery
	}
	s.aim(rq)
	rq.batch = rq.call.Path == "/$batch"
	body, err := readBody(r)
	if err != nil {
		return nil, nil, fmt.Errorf("reading request body: %w", err)
	}
	rq.body = body
	if len(body) > largestBody {
		rep := refuse(gateway, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request is larger than 4 MB.")
		return rq, &rep, nil
	}
	if rq.batch && rq.method != http.MethodPost {
		rep := refuse(gateway, http.StatusMethodNotAllowed, "BadRequest", "Specified HTTP method is not allowed for the request target.")
		return rq, &rep, nil
	}
	return rq, nil, nil
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	var buffer bytes.Buffer
	if r.ContentLength > 0 && r.ContentLength <= largestBody {
		buffer.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := buffer.ReadFrom(io.LimitReader(r.Body, largestBody+1))
	return buffer.Bytes(), err
}

func baseOf(r *http.Request) string {
	scheme, host := r.URL.Scheme, r.Host
	if scheme == "" {
		scheme = "http"
		if r.TLS != nil {
			scheme = "https"
		}
	}
	if host == "" {
		host = r.URL.Host
	}
	return scheme + "://" + host
}

// authorizes reports whether the header holds an accepted bearer token, or one
// that was accepted and has expired.
func (s *Server) authorizes(header string) (accepted, expired bool) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	accepted = strings.EqualFold(scheme, "Bearer") && token != "" && (s.options.Token == "" || token == s.options.Token)
	expired = accepted && s.outlived(token)
	return accepted && !expired, expired
}

// answer gives a reply its ids and headers, and counts it. It fails with errCut
// where there is nothing to send.
func (s *Server) answer(rq *request, rep *reply) (*answer, error) {
	if rep.missing || rep.truncated && rep.body == nil && rep.code == "" {
		return nil, errCut
	}
	s.answered(rq, rep)
	id := s.idsFor(rq)
	header := make(http.Header, 4+len(rep.header))
	for name, values := range rep.header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	header["Request-Id"] = []string{id.request}
	header["Client-Request-Id"] = []string{id.client}
	body := rep.body
	if rep.code != "" && !rep.html {
		body = s.appendError(nil, rep, id)
	}
	if kind := rep.contentType(); kind != "" {
		header["Content-Type"] = []string{kind}
	}
	return &answer{rep.status, header, body, rep.truncated}, nil
}

// unauthorized is what Graph's front says without a token it accepts.
func unauthorized() reply {
	return refuse(gateway, http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token is empty or not valid.")
}

// unsupportedEncoding refuses compressed bodies, which this service does not
// take; the code is unverified.
func unsupportedEncoding(from service) reply {
	return refuse(from, http.StatusUnsupportedMediaType, from.code("UnsupportedMediaType"), "The Content-Encoding of the request is not supported.")
}

func unsupportedType(from service) reply {
	return refuse(from, http.StatusUnsupportedMediaType, from.code("UnsupportedMediaType"), "The Content-Type of the request has to be application/json.")
}

func plainEncoding(encoding string) bool {
	return encoding == "" || strings.EqualFold(encoding, "identity")
}

// isJSON reports whether a Content-Type is JSON in UTF-8.
func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	kind, params, err := mime.ParseMediaType(contentType)
	charset, given := params["charset"]
	return err == nil && kind == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}
