using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;

namespace Dynamo.Serving.Streams;

/// <summary>What to generate.</summary>
public sealed record SequenceSpec
{
    /// <summary>Prompt, at least one token.</summary>
    public required IReadOnlyList<int> PromptTokenIds { get; init; }

    /// <summary>Parameters with the seed fixed.</summary>
    public required SamplingParameters Sampling { get; init; }

    /// <summary>Prefix-cache tenant.</summary>
    public string CacheSalt { get; init; } = "";

    /// <summary>Of a streamed response: what another frontend needs to go on with it.</summary>
    public RequestOrigin? Origin { get; init; }

    /// <summary>What the client calls the response, for those who ask why it went where it did.</summary>
    public string Name { get; init; } = "";

    /// <summary>The only worker that may run it, if the client names one.</summary>
    public WorkerId? Pinned { get; init; }

    /// <summary>The session that it belongs to, if the client names one.</summary>
    public string? Session { get; init; }

    /// <summary>Parameters of the router that the client sets for this request.</summary>
    public RouteOverrides? Overrides { get; init; }
}
