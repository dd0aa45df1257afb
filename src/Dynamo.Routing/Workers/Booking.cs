using Dynamo.Routing.Questions;

namespace Dynamo.Routing.Workers;

/// <summary>A request at a worker, from the decision to its end.</summary>
internal sealed class Booking(Question query, WorkerEntry worker, int uncachedTokens, double now)
{
    public Question Query { get; } = query;

    public WorkerEntry Worker { get; } = worker;

    /// <summary>Tokens to compute before its first token.</summary>
    public int UncachedTokens { get; } = uncachedTokens;

    /// <summary>Whether its first token has not been seen.</summary>
    public bool IsQueued { get; set; } = true;

    /// <summary>When it was decided or told of.</summary>
    public double Since { get; } = now;

    /// <summary>When it was last heard of.</summary>
    public double LastHeard { get; set; } = now;
}
