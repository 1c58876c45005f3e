package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/gofrs/flock"
	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"authseed/importer/private"
)

// file keeps the ledger of a tenant in a folder, as TENANT.db, beside the key of
// all. The database is open only while it is asked or written.
type file struct {
	dir, tenant string
	given       *Key // instead of the folder's
}

// The parts of the database: about has the version, the mark of the key and the
// time it was begun, books has a book for each person.
var (
	aboutBucket, booksBucket = []byte("about"), []byte("books")

	versionName, markName, begunName = []byte("version"), []byte("mark"), []byte("begun")
)

const (
	version = 1
	// Somebody else's record is waited for so long. It takes seconds.
	patience = time.Minute
	// People of one transaction: what it changes is in memory until it is done.
	batch = 20_000
	// How full a page is left that is filled in order. Half of it, which is the
	// library's choice, would be twice the file.
	fill = 0.9
)

// roomy is the size of a file from which on it is written anew when it is more
// than twice what is in it: pages that many runs have touched here and there are
// half empty. A variable for the test alone.
var roomy int64 = 32 << 20

func (f *file) key(make bool) (Key, error) {
	if make {
		if err := os.MkdirAll(f.dir, 0o700); err != nil {
			return Key{}, fmt.Errorf("writing ledger: %w", err)
		}
	}
	switch {
	case f.given != nil:
		return *f.given, nil
	case !make:
		key, err := readKey(f.dir)
		if err != nil {
			return key, f.lost(err)
		}
		return key, nil
	}
	key, err := makeKey(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return key, &LostError{"the key of the ledgers in " + f.dir + " is gone", f.remedy(), nil}
	}
	if err != nil {
		return key, fmt.Errorf("writing ledger: %w", err)
	}
	return key, nil
}

// lost says what it means that something is missing or damaged.
func (f *file) lost(err error) error {
	var lost *LostError
	path := f.path("db")
	switch _, statErr := os.Stat(path); {
	case errors.As(err, &lost), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, berrors.ErrTimeout):
		return &LostError{"the ledger " + path + " is in use by another process", "run it again when the other has finished", nil}
	case errors.Is(statErr, fs.ErrNotExist):
		return &LostError{"there is no ledger in " + f.dir + " yet", "the first run that writes begins one; if there was one before, say where with --state-dir, or give it back from a backup", nil}
	case errors.Is(err, fs.ErrNotExist):
		return &LostError{"the ledger's key " + filepath.Join(f.dir, keyFile) + " is gone", f.remedy(), nil}
	}
	return &LostError{"the ledger " + path + " cannot be read", f.remedy(), err}
}

func (f *file) remedy() string {
	return "give both the ledger and its key back from a backup, or remove " + f.path("db") + " to begin a new one"
}

// guarded turns a damaged file into an error: the library takes the file for
// what it wrote itself, and panics where it is not.
func (f *file) guarded(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a file cut short is memory that is not there
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errDamaged, r)
		}
	}()
	return do()
}

func (f *file) read(ctx context.Context, mark sum, people []id, see func(int, []byte) error) (begun time.Time, err error) {
	err = f.guarded(func() error {
		info, err := os.Stat(f.path("db"))
		if err == nil && info.Size() == 0 {
			return errors.New("it is empty")
		}
		if err != nil {
			return err
		}
		db, err := bolt.Open(f.path("db"), 0o600, &bolt.Options{ReadOnly: true, Timeout: patience})
		if err != nil {
			return err
		}
		defer db.Close()
		return db.View(func(tx *bolt.Tx) error {
			if begun, err = f.about(tx, mark); err != nil {
				return err
			}
			return look(ctx, tx, people, see)
		})
	})
	if err != nil {
		return begun, f.lost(err)
	}
	return begun, nil
}

func look(ctx context.Context, tx *bolt.Tx, people []id, see func(int, []byte) error) error {
	books := tx.Bucket(booksBucket)
	if books == nil {
		return errDamaged
	}
	for i := range people {
		if i%batch == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if text := books.Get(people[i][:]); text != nil {
			if err := see(i, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// about checks that the database is one this version can read with this key.
func (f *file) about(tx *bolt.Tx, mark sum) (begun time.Time, err error) {
	about := tx.Bucket(aboutBucket)
	if about == nil {
		return begun, errDamaged
	}
	v, at := about.Get(versionName), about.Get(begunName)
	switch {
	case len(v) != 1 || len(at) != 8:
		return begun, errDamaged
	case v[0] != version:
		return begun, newer(f.path("db"), int(v[0]))
	case !slices.Equal(about.Get(markName), mark[:]):
		return begun, otherKey(f.path("db"), f.remedy())
	}
	return time.Unix(int64(binary.BigEndian.Uint64(at)), 0).UTC(), nil
}

func newer(where string, is int) error {
	return &LostError{What: fmt.Sprintf("the ledger %s has version %d, this authseed reads %d", where, is, version), Hint: "use the authseed that wrote it, or a later one"}
}

func (f *file) merge(ctx context.Context, mark sum, people []id, change func(int, []byte) ([]byte, error)) error {
	alone, err := f.alone(ctx)
	if err != nil {
		return err
	}
	defer alone.Unlock()
	tight := false
	err = f.guarded(func() error {
		db, err := bolt.Open(f.path("db"), 0o600, &bolt.Options{Timeout: patience})
		if err != nil {
			return err
		}
		defer db.Close()
		if err := db.Update(func(tx *bolt.Tx) error { return f.begin(tx, mark) }); err != nil {
			return err
		}
		for from := 0; from < len(people); from += batch {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			part := people[from:min(from+batch, len(people))]
			if err := db.Update(func(tx *bolt.Tx) error { return mergeBooks(tx, part, from, change) }); err != nil {
				return err
			}
		}
		tight, err = f.compact(db)
		return err
	})
	if tight { // only now is nothing open that Windows would not replace
		err = private.Rename(f.path("compact"), f.path("db"))
	}
	if errors.Is(err, errDamaged) || errors.Is(err, berrors.ErrInvalid) || errors.Is(err, berrors.ErrChecksum) || errors.Is(err, berrors.ErrVersionMismatch) || errors.Is(err, berrors.ErrTimeout) {
		return f.lost(err)
	}
	if err != nil {
		return fmt.Errorf("writing ledger: %w", err)
	}
	return nil
}

// alone keeps other writers away. The database's own lock would not do: it is one
// of the file, and who waited for a file that is replaced would write to a file
// that is gone.
func (f *file) alone(ctx context.Context) (*flock.Flock, error) {
	lock := flock.New(f.path("writing"), flock.SetPermissions(0o600))
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	switch _, err := lock.TryLockContext(within, every); {
	case err != nil && ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, context.DeadlineExceeded):
		return nil, f.lost(berrors.ErrTimeout)
	case err != nil:
		return nil, fmt.Errorf("writing ledger: %w", err)
	}
	return lock, nil
}

// compact writes a file anew that has grown much larger than what is in it. A
// reader goes on with the old one. It reports whether there is a new one, in the
// old one's place to be put.
func (f *file) compact(db *bolt.DB) (bool, error) {
	var size, used int64
	err := db.View(func(tx *bolt.Tx) error {
		if size = tx.Size(); size <= roomy {
			return nil
		}
		books := tx.Bucket(booksBucket).Stats()
		used = int64(books.LeafInuse + books.BranchInuse)
		return nil
	})
	if err != nil || size <= roomy || size <= 2*used {
		return false, err
	}
	path := f.path("compact")
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err // of a process that was killed
	}
	tight, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: patience})
	if err != nil {
		return false, err
	}
	err = errors.Join(bolt.Compact(tight, db, 1<<20), tight.Sync(), tight.Close())
	if err != nil {
		err = errors.Join(err, os.Remove(path))
	}
	return err == nil, err
}

// begin makes a new database one of ours.
func (f *file) begin(tx *bolt.Tx, mark sum) error {
	if tx.Bucket(aboutBucket) != nil || tx.Bucket(booksBucket) != nil {
		_, err := f.about(tx, mark)
		return err
	}
	about, err := tx.CreateBucket(aboutBucket)
	if err != nil {
		return err
	}
	_, err = tx.CreateBucket(booksBucket)
	return errors.Join(err,
		about.Put(versionName, []byte{version}), about.Put(markName, mark[:]),
		about.Put(begunName, binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix()))))
}

func mergeBooks(tx *bolt.Tx, people []id, from int, change func(int, []byte) ([]byte, error)) error {
	books := tx.Bucket(booksBucket)
	if books == nil {
		return errDamaged
	}
	books.FillPercent = fill
	for i := range people {
		was := books.Get(people[i][:])
		is, err := change(from+i, was)
		if err != nil {
			return err
		}
		if slices.Equal(was, is) {
			continue
		}
		if err := books.Put(people[i][:], is); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) close() error { return nil }
