using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Requests;

namespace Dynamo.Abstractions.Instances;

/// <summary>
/// One engine of one model in one generation (key: <see cref="InstanceKey"/>): forms its ranks, watches them load and run, takes requests for
/// them. A new generation is a new grain.
/// </summary>
[Alias("dynamo.IModelInstanceGrain")]
public interface IModelInstanceGrain : IGrainWithStringKey
{
    /// <summary>Begins to form; returns at once. Again changes nothing.</summary>
    /// <param name="ranks">The GPUs that it runs on, rank 0 first, which is one of the head silo's.</param>
    [Alias("Start")]
    Task StartAsync(RankKey[] ranks);

    /// <summary>How the instance is.</summary>
    [Alias("Report")]
    Task<InstanceReport> ReportAsync();

    /// <summary>Hands a sequence to the engine. Its tokens go to <see cref="IFrontendService"/> of the silo named.</summary>
    /// <param name="frontend">Silo of the frontend that owns the sequence.</param>
    /// <param name="request">A request in wire form.</param>
    [Alias("Submit")]
    Task<SubmitResult> SubmitAsync(SiloAddress frontend, WireMessage request);

    /// <summary>Ends sequences in this attempt or an older one; those that are not here are ignored.</summary>
    [Alias("Abort")]
    Task AbortAsync(SequenceAttempt[] sequences);

    /// <summary>The sequences of a response that run here or have ended less than half a minute ago: requests in wire form, with all tokens so far.</summary>
    [Alias("Find")]
    Task<WireMessage[]> FindAsync(string responseId);

    /// <summary>
    /// Begins to drain and returns at once: no more requests; those that run finish for a while, then go on elsewhere. The state says how far it is.
    /// </summary>
    [Alias("Drain")]
    Task DrainAsync();

    /// <summary>KV events of this engine from a number on, as many as fit in a message, and its load.</summary>
    /// <param name="first">Number of the first event.</param>
    /// <returns>
    /// A <see cref="Protocol.KV.EventBatch"/> in wire form; without events although its load knows of them when they are too old to be had.
    /// <see langword="null"/> when the engine is over.
    /// </returns>
    [Alias("ReadEvents")]
    Task<WireMessage?> ReadEventsAsync(long first);

    /// <summary>A page of the list of blocks that this engine's prefix cache holds.</summary>
    /// <param name="from">0, or where the page before said that the next begins.</param>
    /// <returns>A <see cref="Protocol.KV.KVBlockPage"/> in wire form, or <see langword="null"/> when the engine is over.</returns>
    [Alias("ListBlocks")]
    Task<WireMessage?> ListBlocksAsync(int from);

    /// <summary>Empties this engine's prefix cache, but for blocks that sequences hold, and tells its events of it.</summary>
    /// <returns><see langword="false"/> when the engine is over, so that there is no cache.</returns>
    [Alias("ResetPrefixCache")]
    Task<bool> ResetPrefixCacheAsync();

    /// <summary>The text files of the model's folder that a frontend needs: names and lengths in bytes.</summary>
    [Alias("ListFiles")]
    Task<ModelFileEntry[]> ListFilesAsync();

    /// <summary>Part of one of those files.</summary>
    /// <param name="name">A name from the list.</param>
    /// <param name="offset">First byte.</param>
    /// <returns>At most <see cref="ModelFileEntry.ChunkBytes"/> bytes; fewer only at the end of the file.</returns>
    [Alias("ReadFile")]
    Task<WireMessage> ReadFileAsync(string name, int offset);
}
