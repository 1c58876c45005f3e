package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	"authseed/importer"
	"authseed/importer/ledger"
)

// ledgerPlace is where authseed remembers what it wrote: beside the runs, or in
// the database of AUTHSEED_STATE. Neither is a flag, because both hold secrets.
func (a *app) ledgerPlace() (importer.LedgerPlace, error) {
	var place importer.LedgerPlace
	if text := a.Getenv("AUTHSEED_STATE_KEY"); text != "" {
		key, err := ledger.ParseKey(text)
		if err != nil {
			return place, &usageError{fmt.Errorf("AUTHSEED_STATE_KEY: %w", err), keyHint}
		}
		place.Key = &key
	}
	if place.URL = a.Getenv("AUTHSEED_STATE"); place.URL != "" {
		if place.Key == nil {
			return place, &usageError{errors.New("AUTHSEED_STATE names a database, and AUTHSEED_STATE_KEY is not set: with a key beside the hashes, whoever reads the database could try out every number"), keyHint}
		}
		if err := place.Check(); err != nil {
			return place, &usageError{fmt.Errorf("AUTHSEED_STATE: %w", err), "AUTHSEED_STATE=postgres://user@host/database; authseed help environment"}
		}
		return place, nil
	}
	runs, err := a.runs()
	if err != nil {
		return place, err
	}
	place.Dir = filepath.Join(filepath.Dir(runs), "ledger")
	return place, nil
}

const keyHint = "make one with openssl rand -base64 32, keep it where secrets are kept, and give every host the same"

// sayNoLedger tells that policy own does nothing more than fill.
func (a *app) sayNoLedger(err error) {
	a.say("warning: policy own keeps whatever is registered, as fill does: %v", err)
	a.sayLedgerHint(err)
}

// sayUnrecorded tells that a later plan will not know what this run wrote.
func (a *app) sayUnrecorded(err error) {
	a.say("warning: the ledger does not know what this run wrote, so that policy own will keep it: %v", err)
	a.sayLedgerHint(err)
	a.say("hint: authseed resume RUN tells the ledger once more")
}

// sayOwed tells that the ledger is behind, where the next night tells it.
func (a *app) sayOwed(err error) {
	a.say("warning: the ledger does not know yet what authseed wrote, and policy own keeps it until a later night has told it: %v", err)
	a.sayLedgerHint(err)
}

func (a *app) sayLedgerHint(err error) {
	var lost *ledger.LostError
	if errors.As(err, &lost) && lost.Hint != "" {
		a.say("hint: %s", lost.Hint)
	}
}
