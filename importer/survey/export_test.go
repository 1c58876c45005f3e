package survey

import (
	"context"

	"authseed/importer/graph"
	"authseed/mapping/authmethod"
)

// LookUp finds people by their keys alone, and Page by paging alone, however
// many there are.
func LookUp(ctx context.Context, r Reader, keys []authmethod.Key, o Options) error {
	batches := graph.FindBatches(keys)
	s := newSearch(batches)
	q := query{r, graph.Wanted{By: s.attributes}, s, o}
	return q.lookUp(ctx, "people", batches)
}

// Page is the other way.
func Page(ctx context.Context, r Reader, keys []authmethod.Key, o Options) error {
	s := newSearch(graph.FindBatches(keys))
	q := query{r, graph.Wanted{By: s.attributes}, s, o}
	_, err := q.page(ctx, "", 0)
	return err
}
