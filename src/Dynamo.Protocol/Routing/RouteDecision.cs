using Dynamo.Protocol.Load;

namespace Dynamo.Protocol.Routing;

/// <summary>What became of a request at a router. Values are on the wire: append only.</summary>
public enum RouteStatus : byte
{
    /// <summary>No worker can serve it.</summary>
    Unavailable = 0,

    /// <summary>A worker was chosen.</summary>
    Routed = 1,

    /// <summary>Every worker has enough to do; the router tells when it may go.</summary>
    Held = 2,

    /// <summary>Workers serve the model and all are too busy.</summary>
    Overloaded = 3,

    /// <summary>The request lacks what the router's mode needs; the reason says what.</summary>
    Invalid = 4,
}

/// <summary>Where a sequence should run. Advice: the worker decides whether it takes it.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.RouteDecision")]
public sealed record RouteDecision
{
    /// <summary>Key of the chosen worker's instance; <see langword="null"/> when none was chosen.</summary>
    [Id(0)]
    public string? Instance { get; init; }

    /// <summary>The worker, when one was chosen.</summary>
    [Id(1)]
    public WorkerId? Worker { get; init; }

    /// <summary>Workers that the model has, eligible or not.</summary>
    [Id(2)]
    public required int NumWorkers { get; init; }

    /// <summary>Why none was chosen, for the client's error.</summary>
    [Id(3)]
    public string? Reason { get; init; }

    /// <summary>What became of it.</summary>
    [Id(4)]
    public required RouteStatus Status { get; init; }

    /// <summary>Tokens that the worker was thought to have already.</summary>
    [Id(5)]
    public int NumOverlapTokens { get; init; }

    /// <summary>Milliseconds for which it was held.</summary>
    [Id(6)]
    public double HeldMilliseconds { get; init; }

    /// <summary>What the worker's rounding depends on.</summary>
    [Id(7)]
    public string? NumericsClass { get; init; }
}
