using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Cluster.Events;

/// <summary>
/// Hears what every worker of a model holds and how busy it is, each change once and in order. Called on one thread at a time.
/// </summary>
internal interface IKVEventSink
{
    /// <summary>A worker stored consecutive blocks; some may be known already.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="parent">The block before the first, or <see langword="null"/> at the start of a sequence. It need not be known.</param>
    /// <param name="blocks">First to last; valid during the call.</param>
    void Stored(WorkerId worker, BlockKey? parent, ReadOnlySpan<BlockKey> blocks);

    /// <summary>A worker evicted blocks; some may not be known.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="blocks">In any order; valid during the call.</param>
    void Removed(WorkerId worker, ReadOnlySpan<BlockKey> blocks);

    /// <summary>A worker holds nothing, or its list follows.</summary>
    void Cleared(WorkerId worker);

    /// <summary>A worker's newest load.</summary>
    void Reported(LoadReport load);

    /// <summary>All sequences that a worker has; it tells each second.</summary>
    void Alive(WorkerId worker, IReadOnlyList<RequestId> sequences);

    /// <summary>A worker is no longer listened to; nothing comes of it any more.</summary>
    void Gone(WorkerId worker);
}
