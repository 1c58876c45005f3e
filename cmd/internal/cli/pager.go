package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"golang.org/x/term"

	"authseed/importer/report"
)

// paged shows a result, through a pager where somebody looks at a text that is
// longer than the screen. However the pager ends, the exit status is the
// command's. A plan that is about to be asked about is shown without one.
func (a *app) paged(look lookFlags, show func(report.Handler) error) error {
	p := a.pager()
	if p == nil {
		return show(a.view(look))
	}
	return p.show(func(w io.Writer) error { return show(a.viewOn(w, look)) })
}

// pager keeps what it is written until that is more than a screen, and hands it
// to a program from then on.
type pager struct {
	command *exec.Cmd
	out     io.Writer // the terminal
	height  int       // of the screen, in lines
	kept    bytes.Buffer
	in      io.WriteCloser // the running program's, or the terminal; nil before
	running bool
	left    bool // the program ended before it had read all
	signals chan os.Signal
}

// pager is the program that $PAGER names, or less; nil where none is wanted or
// to be had.
func (a *app) pager() *pager {
	file, ok := a.Stdout.(*os.File)
	if !ok || !terminal(file) || a.output != "text" || a.noPager || a.Getenv("TERM") == "dumb" {
		return nil
	}
	_, height, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return nil
	}
	words := []string{"less", "-FRX"}
	environ := a.Environ
	if wanted, set := lookup(environ, "PAGER"); set {
		words = strings.Fields(wanted)
	}
	if len(words) == 0 || words[0] == "cat" {
		return nil
	}
	path, err := exec.LookPath(words[0])
	if err != nil {
		return nil
	}
	if _, set := lookup(environ, "LESS"); !set {
		environ = append(environ[:len(environ):len(environ)], "LESS=FRX")
	}
	command := exec.Command(path, words[1:]...)
	command.Env, command.Stdout, command.Stderr = environ, a.Stdout, a.Stderr
	return &pager{command: command, out: a.Stdout, height: height}
}

// show shows what write writes, and returns when that was read.
func (p *pager) show(write func(io.Writer) error) error {
	err := write(p)
	if p.in == nil {
		_, flushErr := p.out.Write(p.kept.Bytes())
		return errors.Join(err, flushErr)
	}
	p.wait()
	if p.left {
		return nil // the reader has seen enough
	}
	return err
}

// lookup tells a variable that is empty from one that is not set.
func lookup(environ []string, name string) (value string, set bool) {
	for _, entry := range environ {
		if key, text, _ := strings.Cut(entry, "="); key == name {
			value, set = text, true
		}
	}
	return value, set
}

// Write fails for a reader that left; show knows that this is no error.
func (p *pager) Write(text []byte) (int, error) {
	if p.in == nil {
		p.kept.Write(text)
		if bytes.Count(p.kept.Bytes(), []byte("\n")) < p.height {
			return len(text), nil
		}
		p.start()
		if _, err := p.in.Write(p.kept.Bytes()); err != nil {
			return 0, p.stopped(err)
		}
		return len(text), nil
	}
	n, err := p.in.Write(text)
	return n, p.stopped(err)
}

// start starts the program, or goes on without one.
func (p *pager) start() {
	in, err := p.command.StdinPipe()
	if err == nil {
		err = p.command.Start()
	}
	if err != nil {
		p.in = terminalOnly{p.out}
		return
	}
	p.in, p.running = in, true
	// An interrupt is the pager's: it comes to both, and a second one would end
	// this process and leave the terminal to a program without a parent.
	p.signals = make(chan os.Signal, 1)
	signal.Notify(p.signals, os.Interrupt)
}

type terminalOnly struct{ io.Writer }

func (terminalOnly) Close() error { return nil }

func (p *pager) stopped(err error) error {
	if err == nil {
		return nil
	}
	p.left = p.running
	return fmt.Errorf("writing to the pager: %w", err)
}

// wait lets the reader read. How the program ends says nothing about the result.
func (p *pager) wait() {
	_ = p.in.Close()
	if p.running {
		_ = p.command.Wait()
		signal.Stop(p.signals)
	}
}
