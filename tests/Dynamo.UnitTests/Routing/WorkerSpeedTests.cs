using Dynamo.Protocol.Load;
using Dynamo.Routing.Workers;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class WorkerSpeedTests
{
    private readonly FleetSpeed _fleet = new();
    private readonly WorkerSpeed _normal;

    public WorkerSpeedTests()
    {
        _normal = new WorkerSpeed(_fleet);
        Steps.Run(0.02, 6, 30, 2000, step => _normal.Learn(step, 1000, 0));
    }

    [Fact]
    public void NothingSeen_TheFleets() => Assert.Equal(_fleet.Speed, new WorkerSpeed(_fleet).At(0));

    [Theory]
    [InlineData(0.5)]
    [InlineData(4)]
    public void ManySteps_ItsOwn(double slowness)
    {
        WorkerSpeed sut = new(_fleet);
        for (int i = 0; i < 2000; i++)
        {
            sut.Learn(Steps.At(i, slowness * 0.02, slowness * 6, slowness * 30), 1000, 0);
            for (int other = 0; other < 7; other++)
            {
                _normal.Learn(Steps.At(i, 0.02, 6, 30), 1000, 0);
            }
        }

        Assert.Equal(slowness * 6, sut.At(0).DecodeMilliseconds, slowness * 0.6);
        Assert.Equal(slowness * 0.02, sut.At(0).PrefillMilliseconds, slowness * 0.02 * 0.2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(0.25)]
    public void PromptsOfOneLength_TheirPriceAllTheSame(double slowness)
    {
        FleetSpeed fleet = new();
        WorkerSpeed sut = new(fleet);
        WorkerSpeed[] others = [.. Enumerable.Range(0, 7).Select(_ => new WorkerSpeed(fleet))];
        for (int i = 0; i < 200; i++)
        {
            sut.Learn(new StepSample(100, 0, slowness * 2, 10, 100), 1000, 0);
            for (int other = 0; other < others.Length; other++)
            {
                others[other].Learn(Steps.At((7 * i) + other, 0.02, 6, 30), 1000, 0);
            }
        }

        Assert.Equal(slowness * 0.02, sut.At(0).PrefillMilliseconds, slowness * 0.02 * 0.1);
    }

    [Fact]
    public void PromptsThatSeemedToTakeNothing_AreForgotten()
    {
        WorkerSpeed sut = new(_fleet);
        for (int i = 0; i < 20_000; i++)
        {
            // Decoding takes all of the step, or so it seems.
            sut.Learn(new StepSample(500, 4, 1, 10, 100), 1000, 0);
            for (int other = 0; other < 3; other++)
            {
                _normal.Learn(Steps.At((3 * i) + other, 0.02, 6, 30), 1000, 0);
            }
        }

        Assert.InRange(sut.At(0).PrefillMilliseconds, 0, 0.001);
        Steps.Run(0.02, 6, 30, 4000, step => sut.Learn(step, 1000, 0));
        Assert.Equal(0.02, sut.At(0).PrefillMilliseconds, 0.002);
    }

    [Fact]
    public void OneShortPrompt_SaysLittle()
    {
        WorkerSpeed sut = new(_fleet);

        // A prompt of 10 tokens that took four times as long as they do.
        sut.Learn(new StepSample(10, 0, 0.8, 10, 100), 1000, 0);

        Assert.InRange(sut.At(0).PrefillMilliseconds, 0.02, 0.02 * 1.4);
    }

    [Fact]
    public void AWorkerThatIsNotUsed_IsThoughtToBeLikeTheOthersAgain()
    {
        WorkerSpeed sut = new(_fleet);
        for (int i = 0; i < 20; i++)
        {
            sut.Learn(new StepSample(500, 0, 40, 10, 100), 1000, i);
        }

        Assert.InRange(sut.At(20).PrefillMilliseconds, 0.04, 0.09);
        Assert.InRange(sut.At(300_000).PrefillMilliseconds, _fleet.Speed.PrefillMilliseconds, _fleet.Speed.PrefillMilliseconds * 1.1);
    }

    [Fact]
    public void OddReports_AreNotLearnt()
    {
        WorkerSpeed sut = new(_fleet);
        StepSpeed before = _fleet.Speed;

        sut.Learn(new StepSample(0, 0, 5, 1, 100), 1000, 0);
        sut.Learn(new StepSample(0, 1, 0, 1, 100), 1000, 0);
        sut.Learn(new StepSample(10, 1, 5, 0, 0), 1000, 0);

        Assert.Equal(before, _fleet.Speed);
        Assert.Equal(before, sut.At(0));
    }

    [Fact]
    public void NewsOutOfOrder_ChangeNothingMuch()
    {
        WorkerSpeed inOrder = new(_fleet);
        WorkerSpeed late = new(_fleet);

        inOrder.Learn(new StepSample(0, 1, 12, 0, 100), 1000, 0);
        inOrder.Learn(new StepSample(0, 1, 12, 0, 100), 1000, 10);
        late.Learn(new StepSample(0, 1, 12, 0, 100), 1000, 10);
        late.Learn(new StepSample(0, 1, 12, 0, 100), 1000, 0);

        Assert.Equal(inOrder.At(10).DecodeMilliseconds, late.At(10).DecodeMilliseconds, 0.05);
    }

    [Fact]
    public void WorkersThatDidNotRun_FollowWhatTheOthersShow()
    {
        TestRouter sut = new(3, TestRouter.KV);
        for (int i = 0; i < 500; i++)
        {
            sut.Router.ReportLoad(new WorkerId(1), new StepSample(i % 2 == 0 ? 0 : 10 + (i * 71 % 990), 4, 50, i * 37 % 100, 100), i);
        }

        WorkerLoad[] loads = sut.Router.Loads();
        Assert.Equal(50, loads[1].Speed.DecodeMilliseconds, 3.0);
        Assert.Equal(50, loads[2].Speed.DecodeMilliseconds, 3.0);
    }

    [Fact]
    public void AFirstStepThatWasSlow_DoesNotKeepAWorkerFromRequestsForEver()
    {
        TestRouter sut = new(4, TestRouter.KV);
        int[] numRequests = new int[5];
        for (int request = 1; request <= 400; request++)
        {
            // A request a second; the first step of workers 2 to 4 takes twenty times as long as all others.
            double now = request * 1000;
            int worker = sut.WorkerOf(request, now, (ulong)request * 10, ((ulong)request * 10) + 1);
            double slowness = numRequests[worker]++ == 0 && worker > 1 ? 20 : 1;
            sut.Router.ReportLoad(new WorkerId((ulong)worker), new StepSample(20, 0, slowness * 2, 2, 100), now + 2);
            sut.Router.FirstToken(TestRouter.Id(request), now + 2);
            sut.Router.Ended(TestRouter.Id(request), now + 3);
        }

        Assert.All(numRequests[1..], static count => Assert.InRange(count, 60, 140));
    }
}
