//go:build !linux

package main

import "github.com/rogpeppe/go-internal/testscript"

func canMount(string) bool { return false }

func disk(ts *testscript.TestScript, _ bool, _ []string) { ts.Fatalf("no small disks here") }
