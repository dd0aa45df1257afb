using Dynamo.Cluster.Routing;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Workers;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>One router that has done a little.</summary>
internal sealed class FixedRouterBoard : IRouterBoard
{
    public IReadOnlyList<EventStatus> Events => [new EventStatus(DemoModel.Name, NumStored: 30, NumRemoved: 20, NumCleared: 1, NumGaps: 4, NumLists: 3, NumMismatched: 2)];

    public void Tell(IRouterObserver observer)
    {
        observer.OnAsked(DemoModel.Name, TimeSpan.FromMilliseconds(0.5), TimeSpan.FromMilliseconds(2));
        observer.OnDecided(DemoModel.Name, new RoutingOutcome(RouteStatus.Routed, NumPromptTokens: 600, NumOverlapTokens: 600, NumMostOverlapTokens: 600, TimeSpan.FromMilliseconds(1)));
        observer.OnDecided(DemoModel.Name, new RoutingOutcome(RouteStatus.Held, NumPromptTokens: 400, NumOverlapTokens: 0, NumMostOverlapTokens: 0, TimeSpan.FromMilliseconds(1)));
        observer.OnDecided(DemoModel.Name, new RoutingOutcome(RouteStatus.Routed, NumPromptTokens: 400, NumOverlapTokens: 40, NumMostOverlapTokens: 80, Took: null));
        observer.OnDecided(DemoModel.Name, new RoutingOutcome(RouteStatus.Overloaded, NumPromptTokens: 50, NumOverlapTokens: 0, NumMostOverlapTokens: 0, TimeSpan.FromMilliseconds(1)));
        observer.OnInexactMove(DemoModel.Name, isOtherClass: true);
        observer.OnInexactMove(DemoModel.Name, isOtherClass: true);
        observer.OnInexactMove(DemoModel.Name, isOtherClass: false);
    }

    public IReadOnlyList<RouterStatus> Routers =>
    [
        new RouterStatus
        {
            Model = DemoModel.Name,
            NumHeld = 3,
            NumHeldTokens = 900,
            Workers = [new WorkerLoad(new WorkerId(0xab), NumLive: 5, NumQueued: 2, QueuedTokens: 70, UsedBlocks: 12, NumBlocks: 100, StepSpeed.Initial)],
        },
    ];
}
