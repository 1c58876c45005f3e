package journal

// What tests of a change of form take apart.

func PackingSteps(path string) []func() error   { return packing(path).steps() }
func UnpackingSteps(path string) []func() error { return unpackingOf(path).steps() }

const (
	Packed  = packed
	Partial = partial
	WorthIt = worthIt
)
