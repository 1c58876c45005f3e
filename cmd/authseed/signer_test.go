package main

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// signer NAME OPTIONS KEY.PUB adds a line to the script's list of allowed signers.
func signer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: signer NAME OPTIONS KEY.PUB")
	}
	list, err := os.OpenFile(ts.MkAbs("allowed"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	ts.Check(err)
	_, err = list.WriteString(strings.Join(append(args[:2:2], ts.ReadFile(args[2])), " "))
	ts.Check(err)
	ts.Check(list.Close())
}
