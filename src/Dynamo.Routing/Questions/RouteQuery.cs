using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Routing.Questions;

/// <summary>A request that wants a worker.</summary>
public sealed record RouteQuery
{
    /// <summary>Which one. Asking again for one that is booked or held takes the place of what was.</summary>
    public required RequestId Request { get; init; }

    /// <summary>
    /// Keys of the prompt's full blocks, first to last: each names the block and everything before it. Kept while a request that shares its first
    /// blocks is under way; must not change.
    /// </summary>
    public required ulong[] Blocks { get; init; }

    /// <summary>Tokens of the prompt, at least 1.</summary>
    public required int NumTokens { get; init; }

    /// <summary>Whom it is for: tenants that are held take turns.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Workers that have just refused it or could not be reached.</summary>
    public WorkerId[] Excluded { get; init; } = [];

    /// <summary>The only worker that may get it, if it names one.</summary>
    public WorkerId? Pinned { get; init; }

    /// <summary>Whether it has run and lost its worker: any other will do then, in direct mode too.</summary>
    public bool IsMove { get; init; }

    /// <summary>
    /// The numerics class of the worker that made its text so far, if any: one of the same class gets it if it can, be it after a while
    /// (<see cref="Configuration.HoldOptions.MaxClassMilliseconds"/>); otherwise any.
    /// </summary>
    public string? NumericsClass { get; init; }

    /// <summary>Whether none of its class can get it, so that any other will do.</summary>
    internal bool IsClassWaived { get; init; }

    /// <summary>The worker where it runs already: it is booked there however busy that is, and nothing is decided.</summary>
    public WorkerId? RunsAt { get; init; }

    /// <summary>The session that it belongs to, where sessions stay at a worker.</summary>
    public string? Session { get; init; }

    /// <summary>The worker of its session: as if pinned there, until that is gone.</summary>
    internal WorkerId? Bound { get; init; }

    /// <summary>What it wants otherwise than the router's options say.</summary>
    public RoutingOverrides? Overrides { get; init; }

    internal bool AcceptsClass(string? numericsClass) => NumericsClass is null || IsClassWaived || NumericsClass == numericsClass;
}
