using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Questions;
using Dynamo.Routing.Scoring;

namespace Dynamo.Routing;

/// <summary>What was decided about a request, and why. Immutable.</summary>
public sealed record RoutingDecision
{
    /// <summary>The request.</summary>
    public required RequestId Request { get; init; }

    /// <summary>What became of it.</summary>
    public required RoutingStatus Status { get; init; }

    /// <summary>How workers were chosen.</summary>
    public required RouterMode Mode { get; init; }

    /// <summary>The worker, when <see cref="RoutingStatus.Routed"/>.</summary>
    public WorkerId? Worker { get; init; }

    /// <summary>See <see cref="RouteQuery.NumericsClass"/>; a chosen candidate of another one says that none of it could get the request.</summary>
    public string? PreferredClass { get; init; }

    /// <summary>Full blocks of the prompt that the worker was thought to have.</summary>
    public int OverlapBlocks { get; init; }

    /// <summary>The most that any worker was thought to have, whether it could get the request or not; 0 unless <see cref="RoutingStatus.Routed"/>.</summary>
    public int MostOverlapBlocks { get; init; }

    /// <summary>Milliseconds for which it was held.</summary>
    public double HeldMilliseconds { get; init; }

    /// <summary>Why no worker was chosen, for people.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Workers that were compared, the chosen one always among them: best first, then those that could not get it; at most
    /// <see cref="RouterOptions.MaxExplained"/>.
    /// </summary>
    public IReadOnlyList<Candidate> Candidates { get; init; } = [];

    /// <summary>Workers that were looked at.</summary>
    public int NumWorkers { get; init; }
}
