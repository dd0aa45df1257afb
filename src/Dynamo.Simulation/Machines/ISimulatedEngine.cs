using Dynamo.Simulation.Configuration;

namespace Dynamo.Simulation.Machines;

/// <summary>
/// One worker's engine in virtual time: steps one after another, each with a start, a duration and an end. A request that goes on elsewhere
/// keeps its blocks here from its first token until <see cref="Release"/>; one that comes from elsewhere has blocks reserved here until
/// <see cref="Resume"/>.
/// </summary>
internal interface ISimulatedEngine
{
    /// <summary>Whether there is anything to compute.</summary>
    bool HasWork { get; }

    /// <summary>Blocks that requests hold, those on their way included.</summary>
    int NumUsedBlocks { get; }

    /// <summary>Queues a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isPrefillOnly">Whether it gets one token here and goes on elsewhere.</param>
    void Submit(SimulatedRequest request, bool isPrefillOnly);

    /// <summary>Reserves blocks for a request whose prompt was computed elsewhere, unless there is no room or others wait already.</summary>
    /// <param name="request">It has its first token.</param>
    /// <param name="numReusedTokens">Prompt tokens that are here already.</param>
    bool TryReserve(SimulatedRequest request, out int numReusedTokens);

    /// <summary>The prompt of a request that has blocks reserved is here: it decodes from the next step on.</summary>
    void Resume(SimulatedRequest request);

    /// <summary>A request that is not over leaves: its blocks are free. If it is in a step, not before that has ended.</summary>
    void Release(SimulatedRequest request);

    /// <summary>Plans the next step and tells the listener of blocks that change with it.</summary>
    /// <param name="now">Its start.</param>
    /// <returns>What it takes; <see langword="null"/>: nothing fits until a request on its way leaves or arrives.</returns>
    SimulatedStep? Begin(double now);

    /// <summary>Ends the step that was begun last.</summary>
    /// <param name="emitted">Gets the requests that get a token now, in order.</param>
    void End(List<SimulatedRequest> emitted);
}
