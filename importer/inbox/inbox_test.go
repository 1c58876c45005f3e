package inbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authseed/importer/inbox"
)

func TestNewest(t *testing.T) {
	folder := t.TempDir()
	day := time.Date(2026, 11, 5, 3, 0, 0, 0, time.UTC)
	for name, age := range map[string]int{"hr-1.csv": 3, "hr-2.csv": 1, "hr-3.csv": 2, "other.csv": 0, "hr-4.csv": 1} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, day, day.AddDate(0, 0, -age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, "hr-folder.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	got, err := inbox.Newest(filepath.Join(folder, "hr-*.csv"))
	if err != nil || filepath.Base(got) != "hr-4.csv" {
		t.Errorf("%s, %v", got, err)
	}
	_, err = inbox.Newest(filepath.Join(folder, "none-*.csv"))
	var none *inbox.Error
	if !errors.As(err, &none) || none.Hint() == "" {
		t.Errorf("%v", err)
	}
}

// A file that somebody's wrong clock has dated a year ahead is not taken for the
// newest every night until then.
func TestNewestFromTheFuture(t *testing.T) {
	folder := t.TempDir()
	pattern := filepath.Join(folder, "hr-*.csv")
	write := func(name string, ahead time.Duration) {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, time.Time{}, time.Now().Add(ahead))); err != nil {
			t.Fatal(err)
		}
	}
	write("hr-1.csv", -24*time.Hour)
	write("hr-2.csv", 23*time.Hour)
	if got, err := inbox.Newest(pattern); err != nil || filepath.Base(got) != "hr-2.csv" {
		t.Errorf("%s, %v", got, err)
	}
	write("hr-3.csv", 365*24*time.Hour)
	_, err := inbox.Newest(pattern)
	var wrong *inbox.Error
	if !errors.As(err, &wrong) || wrong.Hint() == "" || !strings.Contains(err.Error(), "hr-3.csv is dated in the future, ") {
		t.Errorf("%v", err)
	}
	write("hr-3.csv", 0)
	if got, err := inbox.Newest(pattern); err != nil || filepath.Base(got) != "hr-2.csv" {
		t.Errorf("%s, %v", got, err)
	}
}

// hrServer serves an export as HR would, and its mishaps.
func hrServer(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/export.csv", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer hunter2" || r.URL.Query().Get("sig") != "hunter3" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("ETag", `"one"`)
		http.ServeContent(w, r, "export.csv", time.Date(2026, 11, 5, 3, 0, 0, 0, time.UTC), strings.NewReader("userPrincipalName,mobile\n"))
	})
	mux.HandleFunc("/half.csv", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("userPrincipalName"))
	})
	mux.HandleFunc("/endless.csv", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/hangs.csv", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.Handle("/away.csv", http.RedirectHandler("http://hr.example.com/export.csv?sig=hunter3", http.StatusFound))
	mux.Handle("/round.csv", http.RedirectHandler("/round.csv", http.StatusFound))
	mux.HandleFunc("/broken.csv", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func TestFetch(t *testing.T) {
	server := hrServer(t)
	folder := t.TempDir()
	r := inbox.Request{URL: server.URL + "/export.csv", Query: "sig=hunter3", Authorization: "Bearer hunter2", MaxBytes: 1 << 20, Folder: folder}
	d, err := inbox.Fetch(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(d.Path)
	if err != nil || string(text) != "userPrincipalName,mobile\n" || d.ETag != `"one"` || d.Same || d.Modified.Year() != 2026 {
		t.Errorf("%q, %+v, %v", text, d, err)
	}
	r.ETag = d.ETag
	if d, err := inbox.Fetch(t.Context(), r); err != nil || !d.Same || d.Path != "" {
		t.Errorf("the same again: %+v, %v", d, err)
	}
}

func TestFetchFails(t *testing.T) {
	server := hrServer(t)
	for name, c := range map[string]struct{ path, want string }{
		"no right":      {"/export.csv", "/export.csv: the server answered 403 Forbidden"},
		"not there":     {"/none.csv", "the server answered 404 Not Found"},
		"broken":        {"/broken.csv", "the server answered 502 Bad Gateway"},
		"half":          {"/half.csv", "/half.csv: the file ended before its length"},
		"endless":       {"/endless.csv", "/endless.csv: the file is larger than 1 MiB"},
		"another place": {"/away.csv", "redirected away from https"},
		"in a circle":   {"/round.csv", "redirected too often"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			_, err := inbox.Fetch(t.Context(), inbox.Request{URL: server.URL + c.path, Query: "sig=hunter3x", Authorization: "Bearer hunter2", MaxBytes: 1 << 20, Folder: folder})
			var said *inbox.Error
			if !errors.As(err, &said) || !strings.Contains(err.Error(), c.want) || said.Hint() == "" {
				t.Fatalf("%v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter") {
				t.Errorf("a secret is shown: %v", err)
			}
			if left, _ := os.ReadDir(folder); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestFetchWithoutServer(t *testing.T) {
	server := hrServer(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := inbox.Fetch(ctx, inbox.Request{URL: server.URL + "/hangs.csv", MaxBytes: 1, Folder: t.TempDir()}); err == nil {
		t.Error("a server that hangs has answered")
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := inbox.Fetch(stopped, inbox.Request{URL: server.URL + "/hangs.csv", MaxBytes: 1, Folder: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	server.Close()
	_, err := inbox.Fetch(t.Context(), inbox.Request{URL: server.URL + "/export.csv", Query: "sig=hunter3", MaxBytes: 1, Folder: t.TempDir()})
	if err == nil || strings.Contains(err.Error(), "hunter") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("%v", err)
	}
}
