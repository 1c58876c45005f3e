package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"authseed/importer"
)

// keys of the configuration, by the flag that says the same.
var keys = map[string]string{
	"--allow": "allow", "--include": "include", "--never": "never", "--encrypt-to": "encrypt_to", "--reads": "reads",
	"--group": "scope.group", "--filter": "scope.filter", "--mapping": "mapping", "--preset": "preset",
	"--auth": "tenant.auth", "--cloud": "tenant.cloud", "--graph-url": "tenant.graph_url", "--rate": "tenant.rate", "--concurrency": "tenant.concurrency",
}

var flagWord = regexp.MustCompile(`--[a-z][a-z-]*`)

// keyed is an error of a use case in the words of the configuration. It is no
// wrong usage: what is wrong stands in a file.
type keyed struct {
	text string
	of   error
}

func (e *keyed) Error() string { return e.text }

func (e *keyed) Unwrap() error {
	var usage *usageError
	var scope *importer.ScopeError
	if errors.As(e.of, &usage) || errors.As(e.of, &scope) {
		return nil
	}
	return e.of
}

// inKeys says with keys what an error says with flags, and where the key is that
// it is about. Others it gives back as they are.
func (j *syncJob) inKeys(err error) error {
	var done *keyed
	if err == nil || errors.As(err, &done) {
		return err
	}
	text, hint := err.Error(), hintFor(err)
	var scope *importer.ScopeError
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		place := j.about(line)
		if place == "" && errors.As(err, &scope) {
			place = j.about(hint)
		}
		if place != "" {
			place += ": "
		}
		lines = append(lines, place+inKeys(line))
	}
	said, advice := strings.Join(lines, "\n"), inKeys(hint)
	if said == text && advice == hint {
		return err
	}
	return &hinted{&keyed{said, err}, advice}
}

func inKeys(text string) string {
	text = strings.ReplaceAll(text, "relative names begin at the current folder", "names in the configuration begin at its own folder")
	return flagWord.ReplaceAllStringFunc(text, func(flag string) string {
		if key, ok := keys[flag]; ok {
			return key
		}
		return flag
	})
}

// about is where the key stands that a text names first, as a flag.
func (j *syncJob) about(text string) string {
	at := flagWord.FindStringIndex(text)
	if at == nil {
		return ""
	}
	key, rest := keys[text[at[0]:at[1]]], text[at[1]:]
	if key == "allow" {
		for i, allowed := range j.Allow {
			if name, _, scoped := strings.Cut(allowed, ":"); scoped && strings.HasPrefix(rest, " "+name+":") {
				key = fmt.Sprintf("allow[%d]", i)
			}
		}
	}
	return j.Place(key)
}

// placed says where a file is named that cannot be opened.
func (j *syncJob) placed(key string, err error) error {
	var path *fs.PathError
	var hint *hinted
	place := j.Place(key)
	if place == "" || !errors.As(err, &path) && !errors.As(err, &hint) {
		return err
	}
	return &hinted{fmt.Errorf("%s: %w", place, err), inKeys(hintFor(err))}
}
