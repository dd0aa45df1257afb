using System.Text.Json.Serialization;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Scoring;

namespace Dynamo.Routing;

/// <summary>What was decided about a request, and why. Immutable.</summary>
/// <param name="answer">What whoever asked is told.</param>
public sealed class ExplainedDecision(RouteDecision answer)
{
    /// <summary>The request.</summary>
    public required RequestId Request { get; init; }

    /// <summary>What whoever asked is told.</summary>
    [JsonIgnore]
    public RouteDecision Answer => answer;

    /// <inheritdoc cref="RouteDecision.Status"/>
    public RouteStatus Status => answer.Status;

    /// <summary>How workers were chosen.</summary>
    public required string Mode { get; init; }

    /// <inheritdoc cref="RouteDecision.Worker"/>
    public WorkerId? Worker => answer.Worker;

    /// <summary>See <see cref="RouteRequest.NumericsClass"/>; a chosen candidate of another one says that none of it could get the request.</summary>
    public string? PreferredClass { get; init; }

    /// <summary>Full blocks of the prompt that the worker was thought to have.</summary>
    public int OverlapBlocks { get; init; }

    /// <summary>The most that any worker was thought to have, whether it could get the request or not; 0 unless <see cref="RouteStatus.Routed"/>.</summary>
    public int MostOverlapBlocks { get; init; }

    /// <inheritdoc cref="RouteDecision.HeldMilliseconds"/>
    public double HeldMilliseconds => answer.HeldMilliseconds;

    /// <inheritdoc cref="RouteDecision.Reason"/>
    public string? Reason => answer.Reason;

    /// <summary>
    /// Workers that were compared, the chosen one always among them: best first, then those that could not get it; at most
    /// <see cref="RouterOptions.MaxExplained"/>.
    /// </summary>
    public IReadOnlyList<Candidate> Candidates { get; init; } = [];

    /// <inheritdoc cref="RouteDecision.NumWorkers"/>
    public int NumWorkers => answer.NumWorkers;
}
