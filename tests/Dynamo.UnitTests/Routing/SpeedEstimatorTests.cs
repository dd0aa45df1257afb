using Dynamo.Protocol.Load;
using Dynamo.Routing.Costs;
using Dynamo.Routing.Workers;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class SpeedEstimatorTests
{
    private readonly SpeedEstimator _sut = new(null);

    [Fact]
    public void NothingSeen_ThePrior() => Assert.Equal(StepSpeed.Initial, _sut.Speed);

    [Theory]
    [InlineData(0.02, 6, 30)]
    [InlineData(0.001, 1, 2)]
    [InlineData(12, 90, 400)]
    public void Steps_TheirLines(double prefill, double decode, double full)
    {
        Teach(_sut, prefill, decode, full, 2000);

        Assert.Equal(prefill, _sut.Speed.PrefillMilliseconds, prefill * 0.05);
        Assert.Equal(decode, _sut.Speed.DecodeMilliseconds, decode * 0.05);
        Assert.Equal(full, _sut.Speed.FullDecodeMilliseconds, full * 0.05);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(0.25)]
    public void PromptsOfOneLength_TheirPriceAllTheSame(double slowness)
    {
        SpeedEstimator fleet = new(null);
        Teach(fleet, 0.02, 6, 30, 500);
        SpeedEstimator sut = new(fleet);
        for (int i = 0; i < 200; i++)
        {
            sut.Learn(new StepSample(100, 0, slowness * 2, 10, 100), 1000);
        }

        Assert.Equal(slowness * 0.02, sut.Speed.PrefillMilliseconds, slowness * 0.02 * 0.1);
    }

    [Fact]
    public void OneStall_HardlyMovesThem()
    {
        Teach(_sut, 0.02, 6, 30, 500);

        _sut.Learn(new StepSample(0, 4, 60_000, 50, 100), 1000);

        Assert.Equal(6, _sut.Speed.DecodeMilliseconds, 0.6);
    }

    [Fact]
    public void AWorkerThatBecomesSlower_IsSeen()
    {
        Teach(_sut, 0.02, 6, 30, 500);
        Teach(_sut, 0.06, 18, 90, 10_000);

        Assert.Equal(18, _sut.Speed.DecodeMilliseconds, 1.0);
        Assert.Equal(0.06, _sut.Speed.PrefillMilliseconds, 0.005);
    }

    [Fact]
    public void AWorkerThatHasNotRun_IsThoughtToBeLikeTheOthers()
    {
        Teach(new SpeedEstimator(_sut), 0.5, 50, 10, 500);

        Assert.Equal(50, new SpeedEstimator(_sut).Speed.DecodeMilliseconds, 1.0);
    }

    [Fact]
    public void AWorkerThatHasNotRun_FollowsWhatTheOthersShowSince()
    {
        TestRouter sut = new(2, TestRouter.KV);
        for (int i = 0; i < 500; i++)
        {
            sut.Router.ReportLoad(new WorkerId(1), new StepSample(i % 2 == 0 ? 0 : 10 + (i * 71 % 990), 4, 50, i * 37 % 100, 100));
        }

        Assert.Equal(50, sut.Router.SpeedOf(new WorkerId(2))!.Value.DecodeMilliseconds, 3.0);
    }

    [Fact]
    public void OddReports_AreNotLearnt()
    {
        _sut.Learn(new StepSample(0, 0, 5, 1, 100), 1000);
        _sut.Learn(new StepSample(0, 1, 0, 1, 100), 1000);
        _sut.Learn(new StepSample(10, 1, 5, 0, 0), 1000);

        Assert.Equal(StepSpeed.Initial, _sut.Speed);
    }

    private static void Teach(SpeedEstimator sut, double prefill, double decode, double full, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            int used = i * 37 % 100;
            int tokens = i % 2 == 0 ? 0 : 10 + (i * 71 % 990);
            double step = decode + (full * used / 100);
            sut.Learn(new StepSample(tokens, 4, step + (prefill * tokens), used, 100), 1000);
        }
    }
}
