namespace Dynamo.Simulation.Machines;

/// <summary>One worker's engine in virtual time: steps one after another, each with a start, a duration and an end.</summary>
internal interface ISimulatedEngine
{
    /// <summary>Whether there is anything to compute.</summary>
    bool HasWork { get; }

    /// <summary>Queues a request.</summary>
    void Submit(SimulatedRequest request);

    /// <summary>Plans the next step and tells the listener of blocks that change with it.</summary>
    /// <param name="now">Its start.</param>
    /// <returns>What it takes.</returns>
    SimulatedStep Begin(double now);

    /// <summary>Ends the step that was begun last.</summary>
    /// <param name="emitted">Gets the requests that get a token now, in order.</param>
    void End(List<SimulatedRequest> emitted);
}
