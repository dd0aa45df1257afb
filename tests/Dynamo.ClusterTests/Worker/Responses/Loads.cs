using Dynamo.Protocol.Load;

namespace Dynamo.ClusterTests.Worker.Responses;

internal static class Loads
{
    public static LoadReport Idle { get; } = new()
    {
        Worker = new WorkerId(7),
        Generation = 3,
        Step = 0,
        NumRunning = 0,
        NumWaiting = 0,
        NumQueuedPrefillTokens = 0,
        NumUsedBlocks = 0,
        NumCachedBlocks = 0,
        NumTotalBlocks = 8,
        NumPreemptions = 0,
        NumPrefixQueryTokens = 0,
        NumPrefixHitTokens = 0,
        LastKVEvent = 0,
    };
}
