using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Xunit;

namespace Dynamo.UnitTests.Engine.Mock;

public sealed class TimedModelRunnerTests
{
    private readonly VirtualStepClock _clock = new();
    private readonly StepBatch _batch = new(MockSteps.Limits);

    [Fact]
    public void Execute_LastsAsLongAsTheModelSays()
    {
        using TimedModelRunner runner = Create(new MockModelConfig { VocabularySize = 16 });

        runner.Execute(_batch.Plan(new MockPart(0, 0, [1, 2, 3], [0], Emits: false)));
        Assert.Equal(16.5469, _clock.Now.TotalMilliseconds, 3);

        // One of ten blocks is active: 5.74 + 5.401 - 0.2574.
        runner.Execute(_batch.Plan(new MockPart(0, 3, [4], [0])));
        Assert.Equal(16.5469 + 16.5166 + 10.8836, _clock.Now.TotalMilliseconds, 3);

        runner.Execute(_batch.Plan(new MockPart(0, 4, [5], [0, 1])));
        Assert.Equal(16.5469 + 16.5166 + 10.8836 + 15.5124, _clock.Now.TotalMilliseconds, 3);
    }

    [Fact]
    public void Step_LastsFromItsLaunchAndIsWaitedForWhenItIsCollected()
    {
        using TimedModelRunner runner = Create(new MockModelConfig { VocabularySize = 16 });

        runner.Launch(_batch.Plan(new MockPart(0, 0, [1, 2, 3], [0], Emits: false)));
        Assert.Equal(0, _clock.Now.TotalMilliseconds);

        _clock.Advance(TimeSpan.FromMilliseconds(10));
        runner.Collect();
        Assert.Equal(16.5469, _clock.Now.TotalMilliseconds, 3);
        Assert.Throws<InvalidOperationException>(() => runner.Collect().Length);
    }

    [Fact]
    public void TimeThatComputingTook_IsPartOfTheStep()
    {
        using TimedModelRunner runner = Create(new MockModelConfig { VocabularySize = 16, BeforeStep = _ => _clock.Advance(TimeSpan.FromMilliseconds(4)) });

        runner.Execute(_batch.Plan(new MockPart(0, 0, [1, 2, 3], [0], Emits: false)));

        Assert.Equal(16.5469, _clock.Now.TotalMilliseconds, 3);
    }

    [Fact]
    public void StepThatTookTooLong_IsNotWaitedFor()
    {
        using TimedModelRunner runner = Create(new MockModelConfig { VocabularySize = 16, BeforeStep = _ => _clock.Advance(TimeSpan.FromSeconds(1)) });

        runner.Execute(_batch.Plan(new MockPart(0, 0, [1, 2, 3], [0], Emits: false)));

        Assert.Equal(1000, _clock.Now.TotalMilliseconds);
    }

    [Fact]
    public void Load_Cancelled_StopsWaitingForTheStartupTime()
    {
        TimedModelRunnerFactory factory = new(new MockModelRunnerFactory(new MockModelConfig()), new StepTiming(), _clock, TimeSpan.FromDays(1));

        Assert.Throws<OperationCanceledException>(() => factory.Load(new ModelLoadOptions { ModelPath = "" }, null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void MonotonicStepClock_NeverReturnsBeforeTheTime()
    {
        MonotonicStepClock clock = new();
        for (int microseconds = 0; microseconds <= 2000; microseconds += 100)
        {
            TimeSpan due = clock.Now + TimeSpan.FromMicroseconds(microseconds);
            clock.WaitUntil(due);
            Assert.True(clock.Now >= due, $"it is {clock.Now}, before {due}");
        }
    }

    private TimedModelRunner Create(MockModelConfig config)
    {
        TimedModelRunner runner = new(new MockModelRunner(config), new StepTiming(), _clock);
        runner.Prepare(MockSteps.Limits, numBlocks: 10);
        return runner;
    }
}
