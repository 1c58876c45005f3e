package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"authseed/importer"
	"authseed/importer/inbox"
	"authseed/importer/plan"
	"authseed/importer/schedule"
)

// local is the name of the export, empty where it is not a file of this machine.
func (j *syncJob) local() (string, error) {
	if j.Source.Newest != "" {
		return inbox.Newest(j.Source.Newest)
	}
	return j.Source.File, nil
}

// arrival finds the export.
func (j *syncJob) arrival(ctx context.Context, known string) (*importer.Arrival, error) {
	if j.Source.Directory {
		a := &importer.Arrival{Export: schedule.Export{Name: plan.Directory}}
		a.Open = func() (importer.File, func() error, error) {
			file, err := j.file()
			return file, func() error { return nil }, err
		}
		return a, nil
	}
	if j.Source.URL != "" {
		return j.download(ctx, known)
	}
	path, err := j.local()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fileError("file", err)
	}
	export := schedule.Export{Name: filepath.Base(path), Modified: info.ModTime().UTC()}
	return &importer.Arrival{Export: export, Open: j.opens(path, path)}, nil
}

// opens opens a file as often as it is asked to.
func (j *syncJob) opens(path, name string) func() (importer.File, func() error, error) {
	return func() (importer.File, func() error, error) {
		file, err := j.file()
		if err != nil {
			return file, nil, err
		}
		content, closeFile, err := j.openSource(path)
		if err != nil {
			return file, nil, err
		}
		j.sealed = wasSealed(content)
		file.Name, file.Content = name, content
		return file, closeFile, nil
	}
}

func (j *syncJob) download(ctx context.Context, known string) (*importer.Arrival, error) {
	authorization, err := j.secret("source.authorization", j.Source.Authorization)
	if err != nil {
		return nil, err
	}
	query, err := j.secret("source.query", j.Source.Query)
	if err != nil {
		return nil, err
	}
	d, err := inbox.Fetch(ctx, inbox.Request{
		URL: j.Source.URL, Query: strings.TrimPrefix(query, "?"), Authorization: authorization, ETag: known,
		MaxBytes: j.Source.MaxBytes(), Folder: j.folder, UserAgent: "authseed/" + j.Version,
	})
	if err != nil {
		return nil, err
	}
	name := filepath.Base(strings.SplitN(j.Source.URL, "?", 2)[0])
	a := &importer.Arrival{Export: schedule.Export{Name: name, Modified: d.Modified.UTC(), ETag: d.ETag}, Same: d.Same}
	if !d.Same {
		a.Open = j.opens(d.Path, name)
		j.fetched = d.Path
	}
	return a, nil
}
