using System.Collections.Concurrent;

namespace Dynamo.Serving.Migration;

/// <summary>
/// Counts sequences that went on where their text may differ, and logs it once for each pair of numerics classes: a mixed fleet moves many. Thread-safe.
/// </summary>
internal sealed partial class InexactMoves(MigrationInstruments instruments, ILogger<InexactMoves> logger)
{
    private readonly ConcurrentDictionary<(string Model, string From, string To), bool> _warned = [];

    /// <summary>A sequence has gone on.</summary>
    public void Add(string model, string from, string to)
    {
        instruments.OnInexactMove(model, isOtherClass: from != to);
        if (!_warned.TryAdd((model, from, to), true))
        {
            return;
        }

        if (from == to)
        {
            LogInexact(model, to);
        }
        else
        {
            LogOtherClass(model, from, to);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A request of model {Model} goes on in another numerics class, for no worker of its own could take it: from {From} to {To}. " +
        "Its next words may differ from what they would have been. Said once; /metrics counts them.")]
    private partial void LogOtherClass(string model, string from, string to);

    [LoggerMessage(LogLevel.Warning, "A request of model {Model} has moved among workers that are not exact ({NumericsClass}). " +
        "Its next words may differ from what they would have been. Said once; /metrics counts them.")]
    private partial void LogInexact(string model, string numericsClass);
}
