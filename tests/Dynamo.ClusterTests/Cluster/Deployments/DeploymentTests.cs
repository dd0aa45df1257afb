using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Cluster.Deployments;
using Dynamo.Protocol.Load;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Deployments;

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

        Assert.Equal([Gpu(One), Gpu(Two)], _deployment.GpusToForm(At(0)));
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

        Assert.Empty(_deployment.GpusToForm(At(0)));
    }

    [Fact]
    public void BusyOrDrainingSilo_IsNotFormed()
    {
        Offer(One, 7, 0);
        _deployment.Offer("m", new SiloOffer { Silo = Two, Gpus = [new GpuOffer(0, IsDraining: true)] }, At(0));

        Assert.Empty(_deployment.GpusToForm(At(0)));
    }

    [Fact]
    public void RunningInstanceThatIsNotKnown_IsAskedFor()
    {
        Assert.Equal([new InstanceKey("m", One, 7)], Offer(One, 7, 0));
        Report(One, 7, InstanceState.Ready, 0);

        Assert.Empty(Offer(One, 7, 1));
    }

    [Fact]
    public void EachFailureInARow_DoublesThePause()
    {
        Offer(One, 0, 0);
        Report(One, 1, InstanceState.Failed, 0);
        Assert.Empty(_deployment.GpusToForm(At(0.9)));
        Assert.Equal([Gpu(One)], _deployment.GpusToForm(At(1)));

        Report(One, 2, InstanceState.Forming, 1);
        Report(One, 2, InstanceState.Failed, 1);
        Assert.Empty(_deployment.GpusToForm(At(2.9)));
        Assert.Equal([Gpu(One)], _deployment.GpusToForm(At(3)));

        Report(One, 3, InstanceState.Ready, 3);
        Report(One, 3, InstanceState.Failed, 10);
        Assert.Equal([Gpu(One)], _deployment.GpusToForm(At(11)));
    }

    [Fact]
    public void OfferThatIsNotRenewed_IsForgotten()
    {
        Offer(One, 0, 0);
        Offer(Two, 0, 4);

        _deployment.Expire(At(5.1));

        Assert.Equal([Gpu(Two)], _deployment.GpusToForm(At(5.1)));
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

    [Fact]
    public void EachFreeGpuOfASilo_IsFormedByItself()
    {
        OfferAll(One, 0, 0, 7, 0, 0);
        Report(One, 8, InstanceState.Forming, 0, gpu: 2);

        Assert.Equal([Gpu(One, 0), Gpu(One, 3)], _deployment.GpusToForm(At(0)));
    }

    [Fact]
    public void DrainingGpu_DoesNotKeepItsNeighbourFromBeingFormed()
    {
        _deployment.Offer("m", new SiloOffer { Silo = One, Gpus = [new GpuOffer(0, IsDraining: true), new GpuOffer(0)] }, At(0));

        Assert.Equal([Gpu(One, 1)], _deployment.GpusToForm(At(0)));
    }

    [Fact]
    public void FailureOnOneGpu_PausesAndReplacesThatOneOnly()
    {
        OfferAll(One, 0, 0, 0);
        Report(One, 1, InstanceState.Failed, 0, gpu: 0);
        Report(One, 2, InstanceState.Failed, 0, gpu: 0);
        Report(One, 3, InstanceState.Failed, 0, gpu: 1);

        Assert.Equal([Gpu(One, 1)], _deployment.GpusToForm(At(1)));
        Assert.Equal([Gpu(One, 0), Gpu(One, 1)], _deployment.GpusToForm(At(2)));

        Report(One, 4, InstanceState.Forming, 2, gpu: 1);
        _deployment.Expire(At(2));
        Assert.Equal([2, 4], _deployment.Instances.Select(static instance => instance.Key.Generation));
    }

    [Fact]
    public void EveryUnknownInstanceOfAnOffer_IsAskedFor()
    {
        Report(One, 5, InstanceState.Ready, 0, gpu: 1);

        Assert.Equal([new InstanceKey("m", One, 4), new InstanceKey("m", One, 6)], OfferAll(One, 0, 4, 5, 6));
    }

    [Fact]
    public void ReportOfAnEngineThatIsGone_KeepsTheGpuThatIsKnown()
    {
        Report(One, 1, InstanceState.Ready, 0, gpu: 3);
        Report(One, 1, InstanceState.Failed, 0, gpu: null);

        Assert.Equal(3, _deployment.Instances.Single().Gpu);
    }

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    private static RankKey Gpu(SiloAddress silo, int gpu = 0) => new(silo, gpu);

    private IReadOnlyList<InstanceKey> Offer(SiloAddress silo, long generation, double seconds) => OfferAll(silo, seconds, generation);

    private IReadOnlyList<InstanceKey> OfferAll(SiloAddress silo, double seconds, params long[] generations) =>
        _deployment.Offer("m", new SiloOffer { Silo = silo, Gpus = [.. generations.Select(static generation => new GpuOffer(generation))] }, At(seconds));

    private void Report(SiloAddress head, long generation, InstanceState state, double seconds, int? gpu = 0) =>
        _deployment.Report(new InstanceReport { Key = new InstanceKey("m", head, generation), Worker = new WorkerId(9), Gpu = gpu, State = state }, At(seconds));
}
