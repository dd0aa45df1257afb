using System.Diagnostics.Metrics;
using Dynamo.Cluster.Telemetry;
using Dynamo.Serving.Dispatch;

namespace Dynamo.Serving.Migration;

/// <summary>How many sequences of this frontend went from one worker to another. Thread-safe.</summary>
internal sealed class MigrationInstruments
{
    private readonly Counter<long> _moves;
    private readonly Counter<long> _inexact;

    /// <summary>Creates the instruments.</summary>
    public MigrationInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create(DispatchInstruments.MeterName);
        _moves = meter.CreateCounter<long>("dynamo.frontend.model_migration", "{request}", "Requests that went on at another worker, before (new_request) or after (ongoing_request) their first token.");
        _inexact = meter.CreateCounter<long>(
            "dynamo.frontend.model_inexact_migration",
            "{request}",
            "Requests that went on at a worker whose text may differ: of another numerics class, or of the same one that is not exact.");
    }

    /// <summary>A sequence has gone on at another worker.</summary>
    /// <param name="model">Its model.</param>
    /// <param name="hadTokens">Whether it had tokens by then.</param>
    public void OnMoved(string model, bool hadTokens) =>
        _moves.Add(1, Labels.Of(model), new KeyValuePair<string, object?>("migration_type", hadTokens ? "ongoing_request" : "new_request"));

    /// <summary>A sequence has gone on at a worker whose text may differ from what the one before would have said.</summary>
    /// <param name="model">Its model.</param>
    /// <param name="isOtherClass">Whether that worker is of another numerics class; otherwise their class is not exact.</param>
    public void OnInexactMove(string model, bool isOtherClass) =>
        _inexact.Add(1, Labels.Of(model), new KeyValuePair<string, object?>("reason", isOtherClass ? "other_class" : "inexact"));
}
