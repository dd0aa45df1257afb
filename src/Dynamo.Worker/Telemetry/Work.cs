using System.Diagnostics;
using Dynamo.Cluster.Telemetry;

namespace Dynamo.Worker.Telemetry;

/// <summary>
/// One attempt of a sequence at this worker, from its arrival to its end: counted and, when its request is traced, a span with those of its prefill and of
/// its decoding, which name the engine's steps. Not thread-safe; its link's lock guards it.
/// </summary>
internal sealed class Work
{
    private static readonly ActivitySource Source = new(WorkInstruments.MeterName);

    private readonly WorkMeter _meter;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Activity? _span;
    private DateTime? _firstToken;
    private long _firstStep;
    private int _numTokens;

    /// <summary>The attempt has come.</summary>
    /// <param name="attempt">Number of the attempt.</param>
    /// <param name="meter">Counts it.</param>
    /// <param name="time">Clock.</param>
    /// <param name="traceParent">The span that asked for it, as W3C writes it; <see langword="null"/>: it is not traced.</param>
    public Work(int attempt, WorkMeter meter, TimeProvider time, string? traceParent)
    {
        (Attempt, _meter, _time) = (attempt, meter, time);
        _start = time.GetTimestamp();
        _span = Source.StartBelow("generate", traceParent)?.SetTag(Labels.WorkerId, meter.Worker).SetTag("dynamo.attempt", attempt);
    }

    /// <summary>Number of the attempt.</summary>
    public int Attempt { get; }

    /// <summary>Whether anybody wants to know its steps.</summary>
    public bool IsTraced => _span is not null;

    /// <summary>The engine has made a token.</summary>
    /// <param name="step">In which step.</param>
    public void OnToken(long step)
    {
        _numTokens++;
        if (_firstToken is null)
        {
            (_firstToken, _firstStep) = (_time.GetUtcNow().UtcDateTime, step);
        }
    }

    /// <summary>The attempt is over.</summary>
    /// <param name="end">How.</param>
    /// <param name="step">The engine's last step.</param>
    public void End(WorkEnd end, long step)
    {
        _meter.OnEnded(_time.GetElapsedTime(_start), end);
        if (_span is not { } span)
        {
            return;
        }

        span.SetTag("gen_ai.usage.output_tokens", _numTokens).SetTag("dynamo.end", end.ToString());
        if (end is WorkEnd.Failed or WorkEnd.Unheard)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }

        span.SetEndTime(_time.GetUtcNow().UtcDateTime);
        if (_firstToken is { } first)
        {
            using (Activity? prefill = Begin("prefill", span.StartTimeUtc))
            {
                prefill?.SetTag("dynamo.engine.last_step", _firstStep).SetEndTime(first);
            }

            using Activity? decode = Begin("decode", first);
            decode?.SetTag("dynamo.engine.first_step", _firstStep).SetTag("dynamo.engine.last_step", step).SetEndTime(span.StartTimeUtc + span.Duration);
        }

        span.Stop();

        Activity? Begin(string name, DateTime start) => Source.StartActivity(name, ActivityKind.Internal, span.Context, startTime: start);
    }
}
