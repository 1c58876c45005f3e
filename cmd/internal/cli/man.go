package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand writes what a package ships beside the program: man pages and the
// shells' completions. It is for packagers, and not listed.
func (a *app) manCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "man FOLDER", Short: "Write man pages and completions into a folder", Hidden: true,
		Args: exactly(1, "folder"),
		RunE: func(_ *cobra.Command, args []string) error {
			pages, err := manPages(root, a.Version)
			if err != nil {
				return err
			}
			scripts, err := completions(root)
			if err != nil {
				return err
			}
			return writePages(args[0], slices.Concat(pages, scripts))
		},
	}
}

// page is one file of documentation.
type page struct {
	name string
	text []byte
}

// manPages are authseed(1), a page for every command that is listed, also below
// another, and one in section 7 for every topic. They are dated by SOURCE_DATE_EPOCH, as packagers
// expect (reproducible-builds.org, SOURCE_DATE_EPOCH), or else this month.
func manPages(root *cobra.Command, version string) ([]page, error) {
	root.DisableAutoGenTag = true
	var pages []page
	all := append([]*cobra.Command{root}, root.Commands()...)
	for _, c := range root.Commands() {
		if c.Runnable() {
			all = append(all, c.Commands()...)
		}
	}
	for _, c := range all {
		if c.Hidden || c.Name() == "help" {
			continue
		}
		section := "1"
		if !c.Runnable() && !c.HasSubCommands() { // a topic
			section, c.DisableFlagsInUseLine = "7", true
		}
		var text bytes.Buffer
		header := doc.GenManHeader{
			Title: strings.ToUpper(strings.ReplaceAll(c.CommandPath(), " ", "-")), Section: section,
			Source: "authseed " + version, Manual: "authseed",
		}
		if err := doc.GenMan(verbatim(c), &header, &text); err != nil {
			return nil, fmt.Errorf("writing the man page of %s: %w", c.Name(), err)
		}
		name := strings.ReplaceAll(c.CommandPath(), " ", "-") + "." + section
		pages = append(pages, page{filepath.Join("man"+section, name), text.Bytes()})
	}
	return pages, nil
}

// verbatim keeps the layout of a command's description, which is plain text with
// tables, from being read as Markdown.
func verbatim(c *cobra.Command) *cobra.Command {
	if c.Long != "" {
		c.Long = "```\n" + strings.Trim(c.Long, "\n") + "\n```"
	}
	return c
}

func completions(root *cobra.Command) ([]page, error) {
	var pages []page
	for _, shell := range []struct {
		name string
		gen  func(io.Writer) error
	}{
		{"authseed.bash", func(w io.Writer) error { return root.GenBashCompletionV2(w, true) }},
		{"_authseed", root.GenZshCompletion},
		{"authseed.fish", func(w io.Writer) error { return root.GenFishCompletion(w, true) }},
		{"authseed.ps1", root.GenPowerShellCompletionWithDesc},
	} {
		var text bytes.Buffer
		if err := shell.gen(&text); err != nil {
			return nil, fmt.Errorf("writing the completion %s: %w", shell.name, err)
		}
		pages = append(pages, page{filepath.Join("completions", shell.name), text.Bytes()})
	}
	return pages, nil
}

// writePages writes files that everybody may read.
func writePages(dir string, pages []page) error {
	for _, p := range pages {
		name := filepath.Join(dir, p.name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("making the folder of %s: %w", name, cause(err))
		}
		if err := os.WriteFile(name, p.text, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", name, cause(err))
		}
	}
	return nil
}
