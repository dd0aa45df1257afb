using Dynamo.Routing.Workers;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class FleetSpeedTests
{
    private readonly FleetSpeed _sut = new();
    private readonly WorkerSpeed _worker;

    public FleetSpeedTests() => _worker = new WorkerSpeed(_sut);

    [Fact]
    public void NothingSeen_ThePrior() => Assert.Equal(StepSpeed.Initial, _sut.Speed);

    [Theory]
    [InlineData(0.02, 6, 30)]
    [InlineData(0.001, 1, 2)]
    [InlineData(12, 90, 400)]
    public void Steps_TheirLines(double prefill, double decode, double full)
    {
        Steps.Run(prefill, decode, full, 2000, step => _worker.Learn(step, 1000, 0));

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
            _worker.Learn(new StepSample(100, 0, slowness * 2, 10, 100), 1000, 0);
        }

        Assert.Equal(slowness * 0.02, _sut.Speed.PrefillMilliseconds, slowness * 0.02 * 0.1);
    }

    [Fact]
    public void OneStall_HardlyMovesThem()
    {
        Steps.Run(0.02, 6, 30, 500, step => _worker.Learn(step, 1000, 0));

        _worker.Learn(new StepSample(0, 4, 60_000, 50, 100), 1000, 0);

        Assert.Equal(6, _sut.Speed.DecodeMilliseconds, 0.6);
    }

    [Fact]
    public void WorkersThatBecomeSlower_AreSeen()
    {
        Steps.Run(0.02, 6, 30, 500, step => _worker.Learn(step, 1000, 0));
        Steps.Run(0.06, 18, 90, 10_000, step => _worker.Learn(step, 1000, 0));

        Assert.Equal(18, _sut.Speed.DecodeMilliseconds, 1.0);
        Assert.Equal(0.06, _sut.Speed.PrefillMilliseconds, 0.005);
    }

    [Fact]
    public void AllWorkersThatBecomeSlowerAtOnce_AreSeen_AndAFreshOneIsThoughtToBeLikeThem()
    {
        WorkerSpeed[] workers = Workers(8);
        int next = 0;
        Steps.Run(0.02, 6, 30, 4000, Learn);

        // The level at once, the shape when what each worker showed before is forgotten.
        Steps.Run(0.06, 18, 90, 4000, Learn);
        Assert.Equal(18 + 45, _sut.Speed.DecodeAt(0.5), 6.3);
        Steps.Run(0.06, 18, 90, 20_000, Learn);
        Assert.Equal(18, _sut.Speed.DecodeMilliseconds, 1.0);
        Assert.Equal(0.06, _sut.Speed.PrefillMilliseconds, 0.005);
        Assert.Equal(_sut.Speed, new WorkerSpeed(_sut).At(0));

        // In an order that gives each both kinds of step.
        void Learn(StepSample step) => workers[(next++ / 2) % 8].Learn(step, 1000, 0);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(30_000)]
    public void UnequalWorkers_TheLineIsTheirMean_HoweverLong(int numSteps)
    {
        WorkerSpeed[] workers = Workers(2);
        for (int i = 0; i < numSteps; i++)
        {
            workers[0].Learn(Steps.At(i, 0.02, 6, 30), 1000, 0);
            workers[1].Learn(Steps.At(i, 0.06, 18, 90), 1000, 0);
        }

        Assert.Equal(12, _sut.Speed.DecodeMilliseconds, 0.6);
        Assert.Equal(0.04, _sut.Speed.PrefillMilliseconds, 0.002);
        Assert.Equal(6, workers[0].At(0).DecodeMilliseconds, 0.3);
        Assert.Equal(18, workers[1].At(0).DecodeMilliseconds, 0.9);
    }

    [Fact]
    public void DecodesThatTakeNothingWhileBlocksAreEmpty_AreStillNumbers()
    {
        Steps.Run(0.02, 0, 30, 500, step => _worker.Learn(step, 1000, 0));
        WorkerSpeed fresh = new(_sut);

        fresh.Learn(new StepSample(0, 1, 12, 0, 100), 1000, 0);
        Steps.Run(0.02, 6, 30, 5000, step => fresh.Learn(step, 1000, 0));

        Assert.Equal(6, fresh.At(0).DecodeMilliseconds, 0.6);
    }

    private WorkerSpeed[] Workers(int count) => [.. Enumerable.Range(0, count).Select(_ => new WorkerSpeed(_sut))];
}
