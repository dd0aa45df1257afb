using Dynamo.Routing.Costs;
using Dynamo.Routing.Workers;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class FleetSpeedTests
{
    private readonly FleetSpeed _sut = new();

    [Fact]
    public void NothingSeen_ThePrior() => Assert.Equal(StepSpeed.Initial, _sut.Speed);

    [Theory]
    [InlineData(0.02, 6, 30)]
    [InlineData(0.001, 1, 2)]
    [InlineData(12, 90, 400)]
    public void Steps_TheirLines(double prefill, double decode, double full)
    {
        Steps.Run(prefill, decode, full, 2000, step => _sut.Learn(step, 1000));

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
        for (int i = 0; i < 200; i++)
        {
            _sut.Learn(new StepSample(100, 0, slowness * 2, 10, 100), 1000);
        }

        Assert.Equal(slowness * 0.02, _sut.Speed.PrefillMilliseconds, slowness * 0.02 * 0.1);
    }

    [Fact]
    public void OneStall_HardlyMovesThem()
    {
        Steps.Run(0.02, 6, 30, 500, step => _sut.Learn(step, 1000));

        _sut.Learn(new StepSample(0, 4, 60_000, 50, 100), 1000);

        Assert.Equal(6, _sut.Speed.DecodeMilliseconds, 0.6);
    }

    [Fact]
    public void WorkersThatBecomeSlower_AreSeen()
    {
        Steps.Run(0.02, 6, 30, 500, step => _sut.Learn(step, 1000));
        Steps.Run(0.06, 18, 90, 10_000, step => _sut.Learn(step, 1000));

        Assert.Equal(18, _sut.Speed.DecodeMilliseconds, 1.0);
        Assert.Equal(0.06, _sut.Speed.PrefillMilliseconds, 0.005);
    }
}
