// Package inbox finds the export that has arrived: the newest file of a pattern,
// or one that it downloads.
//
// It promises that a download is whole or not there, no larger than it may be,
// readable by its owner alone, and fetched by TLS, redirections too, save from
// loopback; and that no error shows the query of an address or a header, which
// may hold a secret. It reads no export. The command line may call it.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"authseed/importer/schedule"
)

// Error is an export that has not arrived, and what to do about it.
type Error struct{ What, hint string }

func (e *Error) Error() string { return e.What }

// Hint is the way out.
func (e *Error) Hint() string { return e.hint }

// ahead is how far a file may be dated after this host's clock, whoever's clock is
// wrong. Beyond, it would be the newest for as long.
const ahead = 24 * time.Hour

// Newest gives the file of the pattern that was written last, by name where two
// were at once. Folders do not count. Where it is from the future nobody can tell
// which is the newest.
func Newest(pattern string) (string, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return "", fmt.Errorf("looking for %s: %w", pattern, err)
	}
	var newest string
	var last time.Time
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || info.IsDir() {
			continue // one that was moved away meanwhile is no candidate
		}
		if !info.ModTime().Before(last) {
			newest, last = path, info.ModTime()
		}
	}
	if newest == "" {
		return "", &Error{"no file matches " + pattern, "see whether the export has arrived, and whether this account may look there"}
	}
	if time.Until(last) > ahead {
		return "", &Error{
			fmt.Sprintf("%s is dated in the future, %s, so that nobody can tell which file is the newest", newest, last.UTC().Format(time.RFC3339)),
			"see whose clock is wrong; touch gives the file another date, or move it away",
		}
	}
	return newest, nil
}

// Request is a download.
type Request struct {
	URL           string // without what is secret in it
	Query         string // put behind it; may be a secret
	Authorization string // value of the header; may be a secret
	ETag          string // of the file that is known; empty to have it whatever it is
	MaxBytes      int64
	Folder        string // where the file goes
	UserAgent     string
}

// Download is a file that was downloaded, or the word that it is the known one.
type Download struct {
	Path     string // the caller removes it; empty where Same
	Same     bool
	ETag     string
	Modified time.Time // zero where the server does not say
}

// The longest that a server may take to begin its answer, and to end it.
const (
	patience = 2 * time.Minute
	longest  = 30 * time.Minute
)

// Fetch downloads the file. What is wrong is an [*Error] where something can be
// done about it.
func Fetch(ctx context.Context, r Request) (*Download, error) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return nil, errors.New("fetching the export: the address cannot be read")
	}
	shown := u.Redacted()
	if u.RawQuery != "" {
		shown = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	}
	if r.Query != "" {
		u.RawQuery = r.Query
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, errors.New("fetching the export: the address cannot be read")
	}
	for name, value := range map[string]string{"Authorization": r.Authorization, "If-None-Match": r.ETag, "User-Agent": r.UserAgent} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	answer, err := client().Do(request)
	if err != nil {
		return nil, unreached(shown, err)
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotModified && r.ETag != "":
		return &Download{Same: true, ETag: r.ETag}, nil
	case answer.StatusCode != http.StatusOK:
		return nil, refused(shown, answer.StatusCode)
	}
	d := &Download{ETag: answer.Header.Get("ETag")}
	d.Modified, _ = http.ParseTime(answer.Header.Get("Last-Modified"))
	d.Path, err = save(r, shown, answer)
	return d, err
}

// client is one that goes on to no place that could not have been asked for.
func client() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = patience
	return &http.Client{Transport: transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if len(via) >= 5 {
			return errors.New("redirected too often")
		}
		if err := schedule.CheckURL((&url.URL{Scheme: next.URL.Scheme, Host: next.URL.Host}).String()); err != nil {
			return fmt.Errorf("redirected away from https: %w", err)
		}
		return nil
	}}
}

// unreached leaves out the address as the library shows it, with its query.
func unreached(shown string, err error) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("fetching %s: %w", shown, context.Canceled)
	}
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	return &Error{fmt.Sprintf("fetching %s: %v", shown, err), "see whether the address is right and can be reached from here; HTTPS_PROXY names a proxy"}
}

func refused(shown string, status int) error {
	hint := "see what the server's log says; the next run tries again"
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		hint = "authorization or query under source say where the secret is kept; see whether it is over"
	case http.StatusNotFound, http.StatusGone:
		hint = "see whether the export has arrived, and whether the address is right"
	}
	return &Error{fmt.Sprintf("fetching %s: the server answered %d %s", shown, status, http.StatusText(status)), hint}
}

// save keeps the answer's body, whole or not at all.
func save(r Request, shown string, answer *http.Response) (path string, err error) {
	tooLarge := &Error{fmt.Sprintf("fetching %s: the file is larger than %d MiB", shown, r.MaxBytes>>20), "see whether it is the export; max_mib under source allows more"}
	if answer.ContentLength > r.MaxBytes {
		return "", tooLarge
	}
	file, err := os.CreateTemp(r.Folder, "download-*") // 0600
	if err != nil {
		return "", fmt.Errorf("keeping the download: %w", err)
	}
	n, err := io.Copy(file, io.LimitReader(answer.Body, r.MaxBytes+1))
	closeErr := file.Close()
	switch {
	case err != nil && answer.Request.Context().Err() != nil:
		err = fmt.Errorf("fetching %s: %w", shown, answer.Request.Context().Err())
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = &Error{"fetching " + shown + ": the file ended before its length", "the connection broke; run it again"}
	case err != nil:
		err = fmt.Errorf("keeping the download: %w", err)
	case n > r.MaxBytes:
		err = tooLarge
	default:
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return "", err
	}
	return file.Name(), nil
}
