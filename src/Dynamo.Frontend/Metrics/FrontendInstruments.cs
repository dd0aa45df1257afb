using System.Diagnostics.Metrics;
using Dynamo.Cluster.Telemetry;

namespace Dynamo.Frontend.Metrics;

/// <summary>What the HTTP surface counts, under the names, labels and units of Dynamo's frontend. Thread-safe.</summary>
internal sealed class FrontendInstruments
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Dynamo.Frontend";

    /// <summary>What every instrument's name begins with.</summary>
    public const string Prefix = "dynamo.frontend.";

    private readonly Counter<long> _requests;
    private readonly Counter<long> _started;
    private readonly Counter<long> _cancellations;
    private readonly Counter<long> _rejections;
    private readonly UpDownCounter<long> _disconnected;
    private readonly UpDownCounter<long> _inflight;
    private readonly UpDownCounter<long> _active;
    private readonly UpDownCounter<long> _queued;
    private long _numInflight;

    /// <summary>Creates the instruments.</summary>
    public FrontendInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>(Prefix + "requests", "{request}", "LLM requests processed.");
        _started = meter.CreateCounter<long>(Prefix + "requests_started", "{request}", "LLM requests accepted by the frontend.");
        _cancellations = meter.CreateCounter<long>(Prefix + "model_cancellation", "{request}", "Requests cancelled by their client.");
        _rejections = meter.CreateCounter<long>(Prefix + "model_rejection", "{request}", "Requests rejected for overload.");
        _disconnected = meter.CreateUpDownCounter<long>(Prefix + "disconnected_clients", "{client}", "Clients that left before their answer was complete.");
        _inflight = meter.CreateUpDownCounter<long>(Prefix + "inflight_requests", "{request}", "Requests in the frontend, from their arrival to the end of the answer.");
        _active = meter.CreateUpDownCounter<long>(Prefix + "active_requests", "{request}", "Requests in the frontend, from their arrival to the end of the answer.");
        _queued = meter.CreateUpDownCounter<long>(Prefix + "queued_requests", "{request}", "Requests that wait for their first token.");
        OutputTokens = meter.CreateCounter<long>(Prefix + "output_tokens", "{token}", "Output tokens, counted as they arrive.");
        Duration = meter.CreateHistogram(Prefix + "request_duration", "s", "Duration of requests.", LogBuckets.RequestDuration);
        TimeToFirstToken = meter.CreateHistogram(Prefix + "time_to_first_token", "s", "Time to the first token.", LogBuckets.TimeToFirstToken);
        InterTokenLatency = meter.CreateHistogram(Prefix + "inter_token_latency", "s", "Time between tokens.", LogBuckets.InterTokenLatency);
        InputTokens = meter.CreateHistogram(Prefix + "input_sequence_tokens", "{token}", "Tokens of prompts.", LogBuckets.InputTokens);
        OutputLength = meter.CreateHistogram(Prefix + "output_sequence_tokens", "{token}", "Tokens of answers.", LogBuckets.OutputTokens);
        _disconnected.Add(0);
        CachedTokens = meter.CreateHistogram(Prefix + "cached_tokens", "{token}", "Tokens of prompts that came from the prefix cache.", LogBuckets.InputTokens);
    }

    /// <summary>Requests that are in the frontend now.</summary>
    public long NumInflight => Volatile.Read(ref _numInflight);

    /// <summary>Tokens as they arrive, by model.</summary>
    public Counter<long> OutputTokens { get; }

    /// <summary>Seconds of a request, by model.</summary>
    public Histogram<double> Duration { get; }

    /// <summary>Seconds from a request's arrival to its first token, by model.</summary>
    public Histogram<double> TimeToFirstToken { get; }

    /// <summary>Seconds between tokens, by model; those that came together share theirs.</summary>
    public Histogram<double> InterTokenLatency { get; }

    /// <summary>Tokens of prompts, by model.</summary>
    public Histogram<double> InputTokens { get; }

    /// <summary>Tokens of answers, by model.</summary>
    public Histogram<double> OutputLength { get; }

    /// <summary>Tokens of prompts that the worker had, by model.</summary>
    public Histogram<double> CachedTokens { get; }

    /// <summary>A request has arrived. Only names of the catalog may come here: clients must not be able to make labels.</summary>
    public void OnStarted(in KeyValuePair<string, object?> model, string endpoint, string requestType) =>
        _started.Add(1, model, new("endpoint", endpoint), new("request_type", requestType));

    /// <summary>A request has got its model, and waits for its first token.</summary>
    public void OnQueued(in KeyValuePair<string, object?> model)
    {
        Interlocked.Increment(ref _numInflight);
        _inflight.Add(1, model);
        _active.Add(1, model);
        _queued.Add(1, model);
    }

    /// <summary>It waits no longer.</summary>
    public void OnUnqueued(in KeyValuePair<string, object?> model) => _queued.Add(-1, model);

    /// <summary>It is answered, or will not be.</summary>
    public void OnLeft(in KeyValuePair<string, object?> model)
    {
        Interlocked.Decrement(ref _numInflight);
        _inflight.Add(-1, model);
        _active.Add(-1, model);
    }

    /// <summary>A request is over.</summary>
    public void OnEnded(in KeyValuePair<string, object?> model, string endpoint, string requestType, RequestOutcome outcome)
    {
        if (outcome == RequestOutcome.Cancelled)
        {
            _cancellations.Add(1, model, new("endpoint", endpoint), new("request_type", requestType));
            _disconnected.Add(1);
        }
        else if (outcome == RequestOutcome.Overload)
        {
            _rejections.Add(1, model, new("endpoint", endpoint));
        }

        // Last: whoever sees the request counted here sees it in the others, too.
        _requests.Add(
            1,
            [model, new("endpoint", endpoint), new("request_type", requestType), new("status", outcome == RequestOutcome.Success ? "success" : "error"), new("error_type", outcome.ErrorType())]);
    }
}
