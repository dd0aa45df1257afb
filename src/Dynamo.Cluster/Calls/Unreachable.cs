using Orleans.Runtime.Messaging;

namespace Dynamo.Cluster.Calls;

/// <summary>Which failures of a call mean that somebody cannot be reached now.</summary>
public static class Unreachable
{
    /// <summary>An <see cref="ArgumentException"/> comes from a grain type that no silo in reach hosts yet.</summary>
    public static bool Is(Exception e) =>
        e is SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException or TimeoutException or ArgumentException;
}
