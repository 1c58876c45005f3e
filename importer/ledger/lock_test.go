package ledger_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"authseed/importer/ledger"
)

// patience is how long something may take that takes no time.
const patience = 20 * time.Second

func TestLock(t *testing.T) {
	stores(t, func(t *testing.T, place ledger.Place) {
		l := open(t, place, tenant)
		lock, err := l.Lock(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := lock.Held(t.Context()); err != nil {
			t.Error(err)
		}
		_, err = open(t, place, tenant).Lock(t.Context(), 0)
		isBusy(t, err, os.Getpid())
		other, err := open(t, place, "beef0000-0000-4000-8000-000000000000").Lock(t.Context(), 0)
		if err != nil {
			t.Fatalf("the lock of another tenant: %v", err)
		}
		if err := errors.Join(other.Unlock(), lock.Unlock()); err != nil {
			t.Error(err)
		}
		again, err := l.Lock(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Unlock(); err != nil {
			t.Error(err)
		}
	})
}

func isBusy(t *testing.T, err error, process int) {
	t.Helper()
	var busy *ledger.BusyError
	if !errors.As(err, &busy) {
		t.Fatalf("the lock gives %v", err)
	}
	host, _ := os.Hostname()
	if busy.By.Process != process || busy.By.Host != host || time.Since(busy.By.Since) > time.Hour {
		t.Errorf("it is held by %+v", busy.By)
	}
	if want := fmt.Sprintf("another run works on tenant %s: process %d on %s, since 20", tenant, process, host); !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %q, want %q", err, want)
	}
}

func TestLockIsWaitedFor(t *testing.T) {
	stores(t, func(t *testing.T, place ledger.Place) {
		lock, err := open(t, place, tenant).Lock(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		unlocked := make(chan error, 1)
		time.AfterFunc(300*time.Millisecond, func() { unlocked <- lock.Unlock() })
		next, err := open(t, place, tenant).Lock(t.Context(), patience)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(<-unlocked, next.Unlock()); err != nil {
			t.Error(err)
		}
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	stores(t, func(t *testing.T, place ledger.Place) {
		lock, err := open(t, place, tenant).Lock(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = lock.Unlock() }()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(200*time.Millisecond, cancel)
		if _, err := open(t, place, tenant).Lock(ctx, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("waiting ends with %v", err)
		}
	})
}

// TestMain can be another process that takes a lock and is killed.
func TestMain(m *testing.M) {
	if dir, url := os.Getenv("LOCK_DIR"), os.Getenv("LOCK_URL"); dir != "" || url != "" {
		key, _ := ledger.ParseKey(os.Getenv("LOCK_KEY"))
		l, err := ledger.Place{Dir: dir, URL: url, Key: &key}.Open(tenant)
		if err == nil {
			_, err = l.Lock(context.Background(), 0)
		}
		fmt.Println("locked", err)
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}

// A process that dies leaves no lock, whatever it left beside it.
func TestLockOfADeadProcess(t *testing.T) {
	stores(t, func(t *testing.T, place ledger.Place) {
		if place.Key == nil {
			place.Key = &ledger.Key{}
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "LOCK_DIR="+place.Dir, "LOCK_URL="+place.URL, "LOCK_KEY="+base64.StdEncoding.EncodeToString(place.Key[:]))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil || line != "locked <nil>\n" {
			t.Fatalf("the other process says %q, %v", line, err)
		}
		_, err = open(t, place, tenant).Lock(t.Context(), 0)
		isBusy(t, err, cmd.Process.Pid)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		lock, err := open(t, place, tenant).Lock(t.Context(), patience)
		if err != nil {
			t.Fatal(err)
		}
		_, err = open(t, place, tenant).Lock(t.Context(), 0)
		isBusy(t, err, os.Getpid())
		if err := lock.Unlock(); err != nil {
			t.Error(err)
		}
	})
}
