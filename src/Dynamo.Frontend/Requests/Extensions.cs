using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;

namespace Dynamo.Frontend.Requests;

/// <summary>What an answer tells under <c>nvext</c> besides itself.</summary>
[Flags]
internal enum ExtraFields
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Which worker made it.</summary>
    WorkerId = 1,

    /// <summary>How long it took.</summary>
    Timing = 2,

    /// <summary>What of the prompt was thought to be there, and what was.</summary>
    Overlap = 4,
}

/// <summary>What a stream tells before its answer begins.</summary>
[Flags]
internal enum Annotations
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The prompt as the model gets it, special tokens included.</summary>
    FormattedPrompt = 1,

    /// <summary>Its tokens.</summary>
    TokenIds = 2,

    /// <summary>The worker that got it.</summary>
    WorkerId = 4,
}

/// <summary>Dynamo's extensions of a request (<c>nvext</c>) that concern its way to a worker.</summary>
internal sealed record Extensions
{
    /// <summary>None.</summary>
    public static Extensions Nothing { get; } = new();

    /// <summary>The only worker that may run it.</summary>
    public WorkerId? Pinned { get; init; }

    /// <summary>Parameters of the router.</summary>
    public RouteOverrides? Overrides { get; init; }

    /// <summary>What the answer tells besides itself.</summary>
    public ExtraFields Fields { get; init; }

    /// <summary>What a stream tells before its answer begins.</summary>
    public Annotations Annotations { get; init; }

    /// <summary>Whether the events of a stream have ids, from which another frontend can go on.</summary>
    public bool EventIds { get; init; }
}
