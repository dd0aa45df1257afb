using Dynamo.Cluster.Routing;
using Dynamo.Protocol.Load;
using Dynamo.Routing.Costs;
using Dynamo.Routing.Workers;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>One router that has done a little.</summary>
internal sealed class FixedRouterBoard : IRouterBoard
{
    public int NumMismatchedWorkers => 2;

    public IReadOnlyList<RouterStatus> Routers =>
    [
        new RouterStatus
        {
            Model = DemoModel.Name,
            NumHeld = 3,
            NumRouted = 10,
            NumOverloaded = 1,
            NumPromptTokens = 1000,
            NumOverlapTokens = 640,
            NumNonMaxOverlap = 4,
            Workers = [new WorkerLoad(new WorkerId(0xab), NumLive: 5, NumQueued: 2, QueuedTokens: 70, UsedBlocks: 12, NumBlocks: 100, StepSpeed.Initial)],
        },
    ];
}
