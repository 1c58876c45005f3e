package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

const (
	logText = "text"
	logJSON = "json"
)

// listen finds out how to talk before the command line is read, for what is
// wrong with that is talk as well. What says so wrongly is refused later.
func (a *app) listen() {
	a.logFormat = logText
	if a.Getenv(variable("log-format")) == logJSON {
		a.logFormat = logJSON
	}
	for i, arg := range a.Args {
		if arg == "--" {
			break
		}
		value, joined := strings.CutPrefix(arg, "--log-format=")
		switch {
		case joined:
			a.logFormat = value
		case arg == "--log-format" && i+1 < len(a.Args):
			a.logFormat = a.Args[i+1]
		}
	}
	if a.logFormat == logJSON {
		a.log = slog.New(slog.NewJSONHandler(a.Stderr, nil))
	}
}

// checkLog takes in --log-format and --log-level.
func (a *app) checkLog() error {
	if !slices.Contains([]string{logText, logJSON}, a.logFormat) {
		return &usageError{fmt.Errorf("there is no log format %q", a.logFormat), "--log-format text or --log-format json"}
	}
	level, ok := levels[a.logLevel]
	if !ok {
		return &usageError{fmt.Errorf("there is no log level %q", a.logLevel), "--log-level debug, info, warn or error"}
	}
	a.log = nil
	if a.logFormat == logJSON {
		a.log = slog.New(slog.NewJSONHandler(a.Stderr, &slog.HandlerOptions{Level: level}))
	}
	return nil
}

var levels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}

// say talks on standard error.
func (a *app) say(format string, args ...any) { a.sayAt(slog.LevelInfo, format, args...) }

func (a *app) sayAt(level slog.Level, format string, args ...any) {
	switch {
	case a.log != nil:
		a.log.Log(context.Background(), level, "note", "text", fmt.Sprintf(format, args...))
	case level >= levels[a.logLevel]: // before the flags are read: info
		fmt.Fprintf(a.Stderr, "authseed: "+format+"\n", args...)
	}
}

// event is told where a program reads what is said, as a line of its own with
// fields; people are told in words, by say.
func (a *app) event(level slog.Level, name string, fields ...any) {
	if a.log != nil {
		a.log.Log(context.Background(), level, name, fields...)
	}
}

// talk is where the words of others go, such as what to do to sign in.
func (a *app) talk() io.Writer {
	if a.log == nil {
		return a.Stderr
	}
	return spoken{a}
}

// spoken makes an event of whatever is written at once.
type spoken struct{ app *app }

func (s spoken) Write(p []byte) (int, error) {
	if text := bytes.TrimSpace(p); len(text) > 0 {
		s.app.say("%s", text)
	}
	return len(p), nil
}
