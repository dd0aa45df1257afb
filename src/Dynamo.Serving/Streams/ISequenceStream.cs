using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;

namespace Dynamo.Serving.Streams;

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
