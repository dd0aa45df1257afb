using Dynamo.Abstractions.Serving;

namespace Dynamo.Worker.Responses;

/// <summary>Carries frames from a worker to a frontend silo.</summary>
public interface IFrontendSender
{
    /// <summary>Delivers one frame and waits until it is taken. Throws when the frontend cannot be reached.</summary>
    /// <returns>Sequences that no client waits for there.</returns>
    Task<SequenceAttempt[]> DeliverAsync(SiloAddress frontend, WireMessage frame);
}
