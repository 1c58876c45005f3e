package journal

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// packed ends the name of a file that is packed; without it the file is plain.
const packed = ".gz"

// partial begins the name of a file that is not whole yet. The end tells its form.
const partial = ".part-"

// worthIt is the size from which a file is packed. Below, little is gained, and a
// file that people can read with what they have is lost.
const worthIt = 16 << 10

// mostTimes is how many times its size a packed file may have been before. In
// every line of a journal are 16 bytes that nothing packs, its hash, beside 20 ids
// at most: 40 times is what a journal could come to. What claims more than this was
// not written here, and is not read into memory. As no file is left packed that
// was not read back by the same rule, none that was written here is refused.
const mostTimes = 100

// open opens a file of a run in the form that it has. Where it has both, a change
// of form was cut off: they are the same, or the plain one has been written to
// since. Another process may change the form between two looks, hence the third.
func open(path string) (io.ReadCloser, error) {
	var missing error
	for _, name := range []string{path, path + packed, path} {
		file, err := openAs(name)
		if !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
		missing = errors.Join(missing, err)
	}
	return nil, missing
}

// contents is what a file of a run has, in either form.
func contents(path string) ([]byte, error) {
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var text bytes.Buffer
	if plain, ok := file.(*os.File); ok { // the size is known: no second copy on the way
		if info, err := plain.Stat(); err == nil {
			text.Grow(int(info.Size()) + bytes.MinRead)
		}
	}
	_, err = text.ReadFrom(file)
	return text.Bytes(), err
}

// stat looks at a file of a run in the form that counts.
func stat(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		info, err = os.Stat(path + packed)
	}
	return info, err
}

// openAs opens a file whose name tells its form.
func openAs(name string) (io.ReadCloser, error) {
	file, err := os.Open(name)
	if err != nil || !strings.HasSuffix(name, packed) {
		return file, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	u := &unpacking{file: file, left: mostTimes * max(info.Size(), 1<<10)}
	if u.zip, err = gzip.NewReader(file); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, errors.Join(u.damaged(err), file.Close())
	}
	return u, nil
}

// unpacking is the plain side of a packed file.
type unpacking struct {
	file *os.File
	zip  *gzip.Reader
	left int64
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.zip.Read(p)
	if u.left -= int64(n); u.left < 0 {
		err = fmt.Errorf("it would be more than %d times its size", mostTimes)
	}
	return n, u.damaged(err)
}

func (u *unpacking) Close() error { return u.file.Close() }

// damaged tells a file that is wrong from a disk that is. A packed file was whole
// when it got its name: there is no torn end to be dropped.
func (u *unpacking) damaged(err error) error {
	var path *fs.PathError
	if err == nil || err == io.EOF || errors.As(err, &path) {
		return err
	}
	return &CorruptError{Path: u.file.Name(), Why: "it cannot be unpacked: " + err.Error()}
}

// reforming gives a file its other form, under the lock of its run. It goes by
// steps: after each of them, and in the middle of it, the process may end, and the
// file is there, whole, under one of its names or under both.
type reforming struct {
	from, to, part string
	sum            [sha256.Size]byte // of what is in it, plain
	at             time.Time         // when it was written to
}

func packing(path string) *reforming { return newReforming(path, path+packed) }

func unpackingOf(path string) *reforming { return newReforming(path+packed, path) }

func newReforming(from, to string) *reforming {
	return &reforming{from: from, to: to, part: filepath.Join(filepath.Dir(to), partial+filepath.Base(to))}
}

func (r *reforming) steps() []func() error {
	return []func() error{
		r.write,
		r.check,
		func() error { return os.Rename(r.part, r.to) },
		func() error { return syncDir(filepath.Dir(r.to)) }, // the new name before the old one goes
		func() error { return os.Remove(r.from) },
	}
}

func (r *reforming) do() error {
	for _, step := range r.steps() {
		if err := step(); err != nil {
			return errors.Join(err, sweep(filepath.Dir(r.part)))
		}
	}
	return nil
}

// sweep removes the parts in the folder of a run whose lock is held: those of a
// process that was killed, or of one that gives up.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), partial) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// write writes the new form beside the old one, and returns when it is on disk.
func (r *reforming) write() (err error) {
	info, err := os.Stat(r.from)
	if err != nil {
		return err
	}
	r.at = info.ModTime()
	from, err := openAs(r.from)
	if err != nil {
		return err
	}
	defer from.Close()
	part, err := os.OpenFile(r.part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	var to io.Writer = part
	var zip *gzip.Writer
	if strings.HasSuffix(r.to, packed) {
		zip = gzip.NewWriter(part)
		to = zip
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(to, sum), from)
	if err == nil && zip != nil {
		err = zip.Close()
	}
	if err == nil {
		err = part.Sync()
	}
	sum.Sum(r.sum[:0])
	return errors.Join(err, part.Close())
}

// check reads the new form from its beginning to its end. It gets the time of the
// old one, by which [Since] tells the runs that it wants.
func (r *reforming) check() error {
	part, err := openAs(r.part)
	if err != nil {
		return err
	}
	defer part.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, part); err != nil {
		return err
	}
	if [sha256.Size]byte(sum.Sum(nil)) != r.sum {
		return fmt.Errorf("%s: what was written is not what is read back", r.part)
	}
	return os.Chtimes(r.part, r.at, r.at)
}

// unpack makes the journal one that can be appended to. A packed one beside a
// plain one is what a cut-off change of form left; it must not outlive what is
// written from now on.
func (j *Journal) unpack() error {
	path := filepath.Join(j.runs, j.id, journalFile)
	err := sweep(filepath.Dir(path))
	if err == nil {
		_, err = os.Stat(path)
	}
	switch {
	case err == nil:
		if err = os.Remove(path + packed); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	case errors.Is(err, fs.ErrNotExist):
		err = unpackingOf(path).do()
	}
	if err != nil {
		return fmt.Errorf("unpacking journal: %w", err)
	}
	return nil
}
