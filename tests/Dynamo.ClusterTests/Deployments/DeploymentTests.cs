using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Cluster.Deployments;
using Dynamo.Protocol.Load;
using Xunit;

namespace Dynamo.ClusterTests.Deployments;

public sealed class DeploymentTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly SiloAddress One = SiloAddress.FromParsableString("127.0.0.1:1@1");
    private static readonly SiloAddress Two = SiloAddress.FromParsableString("127.0.0.1:2@1");

    private readonly Deployment _deployment = new();

    [Fact]
    public void FreeGpus_AreFormed()
    {
        Offer(One, 0, 0);
        Offer(Two, 0, 0);

        Assert.Equal([One, Two], _deployment.SilosToForm(At(0)));
    }

    [Theory]
    [InlineData(InstanceState.Forming)]
    [InlineData(InstanceState.Loading)]
    [InlineData(InstanceState.Ready)]
    [InlineData(InstanceState.Draining)]
    public void SiloWithALiveInstance_IsNotFormedAgain(InstanceState state)
    {
        Offer(One, 0, 0);
        Report(One, 1, state, 0);

        Assert.Empty(_deployment.SilosToForm(At(0)));
    }

    [Fact]
    public void BusyOrDrainingSilo_IsNotFormed()
    {
        Offer(One, 7, 0);
        _deployment.Offer("m", new SiloOffer { Silo = Two, NumGpus = 1, Generation = 0, IsDraining = true }, At(0));

        Assert.Empty(_deployment.SilosToForm(At(0)));
    }

    [Fact]
    public void RunningInstanceThatIsNotKnown_IsAskedFor()
    {
        Assert.Equal(new InstanceKey("m", One, 7), Offer(One, 7, 0));
        Report(One, 7, InstanceState.Ready, 0);

        Assert.Null(Offer(One, 7, 1));
    }

    [Fact]
    public void EachFailureInARow_DoublesThePause()
    {
        Offer(One, 0, 0);
        Report(One, 1, InstanceState.Failed, 0);
        Assert.Empty(_deployment.SilosToForm(At(0.9)));
        Assert.Equal([One], _deployment.SilosToForm(At(1)));

        Report(One, 2, InstanceState.Forming, 1);
        Report(One, 2, InstanceState.Failed, 1);
        Assert.Empty(_deployment.SilosToForm(At(2.9)));
        Assert.Equal([One], _deployment.SilosToForm(At(3)));

        Report(One, 3, InstanceState.Ready, 3);
        Report(One, 3, InstanceState.Failed, 10);
        Assert.Equal([One], _deployment.SilosToForm(At(11)));
    }

    [Fact]
    public void OfferThatIsNotRenewed_IsForgotten()
    {
        Offer(One, 0, 0);
        Offer(Two, 0, 4);

        _deployment.Expire(At(5.1));

        Assert.Equal([Two], _deployment.SilosToForm(At(5.1)));
    }

    [Fact]
    public void InstanceThatIsNotReported_IsForgottenAndChangesTheVersion()
    {
        Report(One, 1, InstanceState.Ready, 0);
        long version = _deployment.Version;

        _deployment.Expire(At(5));
        Assert.Single(_deployment.Instances);
        Assert.Equal(version, _deployment.Version);

        _deployment.Expire(At(5.1));
        Assert.Empty(_deployment.Instances);
        Assert.Equal(version + 1, _deployment.Version);
    }

    [Fact]
    public void FailedInstance_IsShownUntilItIsReplacedOrAMinuteHasPassed()
    {
        Report(One, 1, InstanceState.Failed, 0);
        Report(Two, 2, InstanceState.Failed, 0);
        _deployment.Expire(At(59));
        Assert.Equal(2, _deployment.Instances.Length);

        Report(One, 3, InstanceState.Forming, 59);
        _deployment.Expire(At(59));
        Assert.Equal([2, 3], _deployment.Instances.Select(static instance => instance.Key.Generation));

        Report(One, 3, InstanceState.Loading, 61);
        _deployment.Expire(At(61));
        Assert.Equal([3], _deployment.Instances.Select(static instance => instance.Key.Generation));
    }

    [Fact]
    public void SameReportAgain_RenewsAndChangesNothing()
    {
        Report(One, 1, InstanceState.Ready, 0);
        long version = _deployment.Version;

        Report(One, 1, InstanceState.Ready, 4);
        _deployment.Expire(At(8));

        Assert.Single(_deployment.Instances);
        Assert.Equal(version, _deployment.Version);
    }

    [Fact]
    public void ReportThatComesLate_DoesNotBringAnInstanceBack()
    {
        Report(One, 1, InstanceState.Failed, 0);
        Report(One, 1, InstanceState.Ready, 0);

        Assert.Equal(InstanceState.Failed, _deployment.Instances.Single().State);
    }

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    private InstanceKey? Offer(SiloAddress silo, long generation, double seconds) =>
        _deployment.Offer("m", new SiloOffer { Silo = silo, NumGpus = 1, Generation = generation }, At(seconds));

    private void Report(SiloAddress head, long generation, InstanceState state, double seconds) =>
        _deployment.Report(new InstanceReport { Key = new InstanceKey("m", head, generation), Worker = new WorkerId(9), State = state }, At(seconds));
}
