package survey

import (
	"context"

	"authseed/importer/dispatch"
)

// pageOf is a page of something and the link to the next.
type pageOf[T any] struct {
	items []T
	next  string
}

// pages reads on from a link, or from the first page where there is none, and
// hands page by page to take, which says whether to go on. It tells whether it
// came to the end.
func pages[T any](ctx context.Context, o Options, next string, read func(ctx context.Context, next string) ([]T, string, error), take func([]T) bool) (whole bool, err error) {
	for {
		p, err := dispatch.Once(ctx, o.Pacer, o.MaxWait, func(ctx context.Context) (pageOf[T], dispatch.Verdict, error) {
			items, following, err := read(ctx, next)
			return pageOf[T]{items, following}, judgeFailure(err), err
		})
		if err != nil {
			return false, err
		}
		goOn := take(p.items)
		if p.next == "" {
			return true, nil
		}
		if !goOn {
			return false, nil
		}
		next = p.next
	}
}

// EveryPage reads a collection from its first page on and hands each page to
// take. What the service is too busy for is asked again. The stage is what the
// progress calls it.
func EveryPage[T any](ctx context.Context, o Options, stage string, read func(ctx context.Context, next string) ([]T, string, error), take func([]T)) error {
	done := 0
	_, err := pages(ctx, o, "", read, func(items []T) bool {
		take(items)
		done += len(items)
		o.tell(Progress{Stage: stage, Done: done})
		return true
	})
	return err
}
