package survey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"authseed/importer/dispatch"
	"authseed/importer/graph"
	"authseed/importer/pace"
)

// Namer is the side of a tenant that says which one it is.
type Namer interface {
	Organization(ctx context.Context) (id, displayName string, err error)
}

// Organization asks which tenant this is. It comes before everything else, so a
// connection that cannot be made is told at once; what the service is too busy
// for is asked again. The pace of the methods is not touched by it. A wait told
// that is longer than maxWait ends it, unless that is 0.
func Organization(ctx context.Context, n Namer, maxWait time.Duration) (id, displayName string, err error) {
	type tenant struct{ id, name string }
	t, err := dispatch.Once(ctx, pace.NewPacer(pace.Limits{}), maxWait, func(ctx context.Context) (tenant, dispatch.Verdict, error) {
		id, name, err := n.Organization(ctx)
		verdict := judgeFailure(err)
		var refused *graph.Error
		verdict.Again = verdict.Again && errors.As(err, &refused)
		return tenant{id, name}, verdict, err
	})
	if err != nil {
		return "", "", fmt.Errorf("asking which tenant this is: %w", err)
	}
	return t.id, t.name, nil
}
