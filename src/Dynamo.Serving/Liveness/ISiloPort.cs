namespace Dynamo.Serving.Liveness;

/// <summary>The port at which a silo listens.</summary>
internal interface ISiloPort
{
    /// <summary>Whether its host answers that nobody listens there: the process is gone. No answer at all says nothing.</summary>
    Task<bool> IsRefusedAsync(SiloAddress silo);
}
