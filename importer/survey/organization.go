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
	Organization(ctx context.Context) (graph.Organization, error)
}

// Organization asks which tenant this is. It comes before everything else, so a
// connection that cannot be made is told at once; what the service is too busy
// for is asked again. The pace of the methods is not touched by it. A wait told
// that is longer than maxWait ends it, unless that is 0.
func Organization(ctx context.Context, n Namer, maxWait time.Duration) (graph.Organization, error) {
	o, err := dispatch.Once(ctx, pace.NewPacer(pace.Limits{}), maxWait, func(ctx context.Context) (graph.Organization, dispatch.Verdict, error) {
		o, err := n.Organization(ctx)
		verdict := judgeFailure(err)
		var refused *graph.Error
		verdict.Again = verdict.Again && errors.As(err, &refused)
		return o, verdict, err
	})
	if err != nil {
		return graph.Organization{}, fmt.Errorf("asking which tenant this is: %w", err)
	}
	return o, nil
}
