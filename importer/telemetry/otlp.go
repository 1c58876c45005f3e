package telemetry

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.40.0"
	"go.opentelemetry.io/otel/trace"
)

// ExportTime is the longest that [Export] holds anybody up.
const ExportTime = 4 * time.Second

// ErrProtocol is a protocol of OTLP other than the one that is spoken.
var ErrProtocol = errors.New("OTLP is sent as http/protobuf alone, and OTEL_EXPORTER_OTLP_PROTOCOL wants another")

// endpoint tells whether a signal, TRACES or METRICS, is wanted. The variables
// are those of opentelemetry.io, "Environment Variable Specification"; unlike
// there nothing is sent where none names an endpoint.
func endpoint(signal string) bool {
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") || os.Getenv("OTEL_"+signal+"_EXPORTER") == "none" {
		return false
	}
	return os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT") != ""
}

// Export sends the run by OTLP where the OTEL_* variables of the process name a
// collector, and does nothing where they do not: one trace, with a span for the
// run and one for each phase, and the counts as metrics. It makes both after the
// fact, from the summary, and registers nothing globally: no request to Graph,
// whose address names a person, becomes a span. A TRACEPARENT makes the run part
// of the trace of whoever started it.
func Export(ctx context.Context, s *Summary) error {
	traces, metrics := endpoint("TRACES"), endpoint("METRICS")
	if !traces && !metrics {
		return nil
	}
	if p := os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL"); p != "" && p != "http/protobuf" {
		return ErrProtocol
	}
	ctx, cancel := context.WithTimeout(ctx, ExportTime)
	defer cancel()
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		semconv.ServiceName("authseed"), semconv.ServiceVersion(s.Version)), resource.WithFromEnv())
	if err != nil {
		return fmt.Errorf("sending telemetry: %w", err)
	}
	results := make(chan error, 2)
	waiting := 0
	for _, send := range wanted(traces, sendTrace, metrics, sendMetrics) {
		waiting++
		go func() { results <- send(ctx, about, s) }()
	}
	var errs []error
	for range waiting {
		errs = append(errs, <-results)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("sending telemetry: %w", unaddressed(brief(err)))
	}
	return nil
}

// addresses are what a collector's path and query may hold a secret in.
var addresses = regexp.MustCompile(`(https?://)(?:[^\s/@]*@)?([^\s/?#]*)[^\s:]*`)

// unaddressed leaves of the addresses that an error names their hosts.
func unaddressed(err error) error {
	return errors.New(addresses.ReplaceAllString(err.Error(), "$2"))
}

type sender func(context.Context, *resource.Resource, *Summary) error

func wanted(traces bool, a sender, metrics bool, b sender) (all []sender) {
	if traces {
		all = append(all, a)
	}
	if metrics {
		all = append(all, b)
	}
	return slices.Clip(all)
}

func sendTrace(ctx context.Context, about *resource.Resource, s *Summary) error {
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return err
	}
	kept := &failure{SpanExporter: exporter}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(kept), sdktrace.WithResource(about), sdktrace.WithSampler(sdktrace.AlwaysSample()))
	tracer := provider.Tracer("authseed")
	parent := propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": os.Getenv("TRACEPARENT")})
	kept.ctx = ctx
	within, root := tracer.Start(parent, strings.TrimSpace("authseed "+s.Command), trace.WithTimestamp(s.Started), trace.WithAttributes(attributes(s)...))
	for _, phase := range s.Phases {
		ended := phase.Ended
		if ended.IsZero() {
			ended = s.Ended
		}
		_, span := tracer.Start(within, phase.Name, trace.WithTimestamp(phase.Started))
		span.End(trace.WithTimestamp(ended))
	}
	if !s.Outcome.Good() {
		root.SetAttributes(semconv.ErrorTypeKey.String(string(s.Outcome)))
		root.SetStatus(codes.Error, s.Error)
	}
	root.End(trace.WithTimestamp(s.Ended))
	return errors.Join(kept.err, provider.Shutdown(ctx))
}

// failure keeps what went wrong with sending spans, which the SDK tells a global
// handler and nobody else.
type failure struct {
	sdktrace.SpanExporter
	ctx   context.Context
	spans []sdktrace.ReadOnlySpan
	err   error
}

// ExportSpans sends all spans at once, when the last one, the run's, has ended.
func (f *failure) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	f.spans = append(f.spans, spans...)
	for _, s := range spans {
		if !strings.HasPrefix(s.Name(), "authseed") {
			continue
		}
		f.err = f.SpanExporter.ExportSpans(f.ctx, f.spans)
	}
	return nil
}

func attributes(s *Summary) []attribute.KeyValue {
	all := []attribute.KeyValue{
		semconv.ProcessExitCode(s.ExitStatus),
		attribute.String("authseed.tenant.id", s.TenantID),
		attribute.String("authseed.job", s.Job),
		attribute.String("authseed.run.id", s.RunID),
		attribute.String("authseed.plan.id", s.PlanID),
		attribute.String("authseed.run.outcome", string(s.Outcome)),
		attribute.Int("authseed.run.rows", s.Rows),
		attribute.Int("authseed.run.changes.planned", s.Changes.Planned),
	}
	for _, c := range s.Changes.results() {
		all = append(all, attribute.Int("authseed.run.changes."+c.label, c.n))
	}
	return slices.DeleteFunc(all, func(a attribute.KeyValue) bool { return a.Value.AsInterface() == "" })
}

func sendMetrics(ctx context.Context, about *resource.Resource, s *Summary) error {
	exporter, err := otlpmetrichttp.New(ctx)
	if err != nil {
		return err
	}
	reader := sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithInterval(time.Hour), sdkmetric.WithTimeout(ExportTime))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(about))
	err = measure(ctx, provider.Meter("authseed"), s)
	// Shutdown collects and sends once.
	return errors.Join(err, provider.Shutdown(ctx))
}

func only(n int) count { return count{n: n} }

// measure notes the counts of the run. Names and units follow opentelemetry.io,
// "Metrics semantic conventions": no unit in a name, a thing counted in braces.
func measure(ctx context.Context, m metric.Meter, s *Summary) error {
	whose := []attribute.KeyValue{attribute.String("authseed.tenant.id", s.TenantID), attribute.String("authseed.job", s.Job)}
	var errs []error
	add := func(name, unit, what, label string, counts ...count) {
		counter, err := m.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(what))
		if err != nil {
			errs = append(errs, err)
			return
		}
		for _, c := range counts {
			with := whose
			if label != "" {
				with = append(slices.Clone(whose), attribute.String(label, c.label))
			}
			counter.Add(ctx, int64(c.n), metric.WithAttributes(with...))
		}
	}
	add("authseed.run.changes", "{change}", "Changes by what became of them.", "authseed.result", s.Changes.results()...)
	add("authseed.run.actions", "{change}", "Changes by what they do.", "authseed.action", s.actions()...)
	add("authseed.run.held_back", "{change}", "Changes held back because they are dangerous.", "", only(s.HeldBack))
	add("authseed.run.rows", "{row}", "Rows read.", "", only(s.Rows))
	add("authseed.run.requests", "{request}", "Round trips to the service.", "", only(s.Requests))
	add("authseed.run.throttled", "{request}", "Items the service refused for pace.", "", only(s.Throttled))
	add("authseed.run.waits", "{wait}", "How often the service was waited for.", "", only(s.Waits))
	for reason, n := range s.Skipped {
		add("authseed.run.skipped", "{entry}", "What was left out, by reason.", "authseed.reason", count{reason, n})
	}
	took, err := m.Float64Gauge("authseed.run.duration", metric.WithUnit("s"), metric.WithDescription("How long the run took."))
	errs = append(errs, err)
	if err == nil {
		took.Record(ctx, s.Duration().Seconds(), metric.WithAttributes(append(slices.Clone(whose), attribute.String("authseed.run.outcome", string(s.Outcome)))...))
	}
	exit, err := m.Int64Gauge("authseed.run.exit_status", metric.WithDescription("Exit status of the run; 0 is done."))
	errs = append(errs, err)
	if err == nil {
		exit.Record(ctx, int64(s.ExitStatus), metric.WithAttributes(whose...))
	}
	return errors.Join(errs...)
}
