using Dynamo.Abstractions.Routing;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Cluster.Serving;

/// <summary>Runs sequences somewhere in the cluster: routes, submits, follows. What an HTTP handler calls; thread-safe.</summary>
public interface IGenerator
{
    /// <summary>
    /// Starts one sequence and returns once a worker has admitted it, so that refusals come before a response stream is opened.
    /// </summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="sequence">Prompt and parameters, already validated against the model.</param>
    /// <param name="cancellationToken">Gives up waiting for admission. After that, dispose the stream.</param>
    /// <exception cref="NoWorkerException">No instance of the model is ready (HTTP 503).</exception>
    /// <exception cref="OverloadedException">Every instance refuses more work now (HTTP 529).</exception>
    /// <exception cref="RequestRefusedException">The engine says the request can never run (HTTP 400).</exception>
    Task<ISequenceStream> StartAsync(string model, SequenceSpec sequence, CancellationToken cancellationToken);
}

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

/// <summary>Where a sequence runs, and how it was routed at first.</summary>
/// <param name="Worker">The last worker that accepted it.</param>
/// <param name="NumOverlapTokens">Tokens of its prompt that the router thought were at the first one.</param>
/// <param name="HeldMilliseconds">How long the router held it before that.</param>
public sealed record RouteInfo(WorkerId Worker, int NumOverlapTokens, double HeldMilliseconds);

/// <summary>The tokens of one running sequence, exactly once and in order. One reader. Disposing it before the end aborts the sequence.</summary>
public interface ISequenceStream : IAsyncDisposable
{
    /// <summary>Identity of the sequence.</summary>
    RequestId Id { get; }

    /// <summary>Where it runs; <see langword="null"/> before a worker has accepted it.</summary>
    RouteInfo? Route { get; }

    /// <summary>Why no worker goes on with it; <see langword="null"/> while one may, and when it failed for another reason.</summary>
    string? Abandoned { get; }

    /// <summary>
    /// News as they arrive; the last one has a <see cref="SequenceDelta.FinishReason"/>. Never throws for what happens to workers: a
    /// sequence that cannot be continued ends with <see cref="FinishReason.Error"/>.
    /// </summary>
    IAsyncEnumerable<SequenceDelta> ReadAllAsync(CancellationToken cancellationToken);
}
