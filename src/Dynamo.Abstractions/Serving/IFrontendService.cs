using Orleans.Services;

namespace Dynamo.Abstractions.Serving;

/// <summary>Takes the frames of all workers at one frontend silo. Addressed by silo, not by grain directory: tokens flow whatever happens to the directory.</summary>
[Alias("dynamo.IFrontendService")]
public interface IFrontendService : IGrainService
{
    /// <summary>
    /// Takes one frame. A worker has one such call in flight at a time and repeats a frame whose call failed, so frames come in order; what
    /// is told twice is recognised by its positions.
    /// </summary>
    /// <returns>Sequences of the frame that no client waits for here; the worker ends them.</returns>
    [Alias("Deliver")]
    Task<SequenceAttempt[]> DeliverAsync(WireMessage frame);
}
