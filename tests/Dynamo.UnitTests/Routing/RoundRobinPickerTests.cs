using Dynamo.Protocol.Load;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Picking;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class RoundRobinPickerTests
{
    private readonly RoundRobinPicker _picker = new();

    [Fact]
    public void EachWorkerHasItsTurn()
    {
        RoutableWorker[] workers = [Ready(2), Ready(5), Ready(9)];

        Assert.Equal([0, 1, 2, 0, 1], Enumerable.Range(0, 5).Select(_ => _picker.Pick(workers, [])!.Value));
    }

    [Fact]
    public void WorkersThatCannotServeAreLeftOut()
    {
        RoutableWorker[] workers = [Ready(1), new(new WorkerId(2), WorkerState.Loading), new(new WorkerId(3), WorkerState.Draining), new(new WorkerId(4), WorkerState.Failed), Ready(5)];

        Assert.Equal([0, 4, 0], Enumerable.Range(0, 3).Select(_ => _picker.Pick(workers, [])!.Value));
        Assert.Equal(4, _picker.Pick(workers, [new WorkerId(1)]));
        Assert.Null(_picker.Pick(workers, [new WorkerId(1), new WorkerId(5)]));
    }

    [Fact]
    public void TurnsGoOnWhereTheyWereWhenWorkersComeAndGo()
    {
        Assert.Equal(0, _picker.Pick([Ready(3), Ready(6)], []));

        // Worker 6 is next, whatever comes before it or goes.
        Assert.Equal(2, _picker.Pick([Ready(1), Ready(3), Ready(6)], []));
        Assert.Equal(0, _picker.Pick([Ready(1), Ready(3)], []));
    }

    [Fact]
    public void NoWorker_NoPick() => Assert.Null(_picker.Pick([], []));

    [Fact]
    public void Explain_CountsReasons()
    {
        RoutableWorker[] workers = [Ready(1), new(new WorkerId(2), WorkerState.Loading), new(new WorkerId(3), WorkerState.Loading)];

        Assert.Equal("3 workers: 2 loading, 1 refused or not reached", Eligibility.Explain(workers, [new WorkerId(1)]));
        Assert.Equal("no worker has offered this model", Eligibility.Explain([], []));
    }

    private static RoutableWorker Ready(ulong id) => new(new WorkerId(id), WorkerState.Ready);
}
