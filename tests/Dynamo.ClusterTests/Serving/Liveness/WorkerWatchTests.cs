using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Liveness;
using Dynamo.Serving.Streams;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.ClusterTests.Serving.Liveness;

public sealed class WorkerWatchTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly WorkerId One = new(1);
    private static readonly WorkerId Two = new(2);

    private readonly FakeTimeProvider _time = new();
    private readonly WorkerWatch _watch;
    private readonly SequenceStream _stream = new("m", new SequenceSpec { PromptTokenIds = [1], Sampling = new SamplingParameters() }, new NoOwner());

    public WorkerWatchTests() => _watch = new WorkerWatch(_time);

    [Fact]
    public void WorkerThatSaysNothing_IsSuspectAfterItsPatienceAndNotBefore()
    {
        _watch.Follow(_stream, One);
        Assert.Empty(Pass(WorkerWatch.SilenceTimeout));
        (WorkerId worker, SequenceStream[] streams) = Assert.Single(Pass(Interval));

        Assert.Equal(One, worker);
        Assert.Equal([_stream], streams);
        Assert.Equal([One], _watch.Suspects);
        Assert.Empty(Pass(WorkerWatch.SilenceTimeout * 2));
    }

    [Fact]
    public void WorkerThatIsGivenUp_IsTakenAtTheNextLook()
    {
        _watch.Follow(_stream, One);
        _watch.GiveUp(One);

        Assert.Equal([One], _watch.Suspects);
        (WorkerId worker, SequenceStream[] streams) = Assert.Single(Pass(Interval));
        Assert.Equal(One, worker);
        Assert.Equal([_stream], streams);
    }

    [Fact]
    public void SilentFor_NamesThoseThatRunSequences()
    {
        _watch.Follow(_stream, One);
        _watch.Follow(_stream, Two);
        Pass(Interval);
        _watch.OnFrame(Two);
        Pass(Interval);

        Assert.Equal([One], _watch.SilentFor(Interval));
        Assert.Empty(_watch.SilentFor(Interval * 2));
    }

    [Fact]
    public void EachFrame_BeginsTheTimeAnew()
    {
        _watch.Follow(_stream, One);
        Pass(WorkerWatch.SilenceTimeout);
        _watch.OnFrame(One);

        Assert.Empty(Pass(WorkerWatch.SilenceTimeout));
        Assert.Single(Pass(Interval));
    }

    [Fact]
    public void WorkerWithoutSequencesOfOurs_MaySayNothing()
    {
        _watch.Follow(_stream, One);
        _watch.Unfollow(_stream, One);

        Assert.Empty(Pass(WorkerWatch.SilenceTimeout * 2));
    }

    [Fact]
    public void FrameOfASuspect_ClearsIt()
    {
        _watch.Follow(_stream, One);
        Pass(WorkerWatch.SilenceTimeout + Interval);
        _watch.OnFrame(One);

        Assert.Empty(_watch.Suspects);
    }

    [Fact]
    public void WorkerThatDidNotAnswerASubmit_KeepsWhatItRuns()
    {
        _watch.Follow(_stream, One);
        _watch.Distrust(One);
        _watch.Distrust(Two);

        Assert.Equal([One, Two], _watch.Suspects);
        Assert.Single(Pass(WorkerWatch.SilenceTimeout + Interval));
    }

    [Fact]
    public void WhenThisProcessWasHeldUp_ItsWorkersAreNotBlamed()
    {
        _watch.Follow(_stream, One);
        _time.Advance(WorkerWatch.SilenceTimeout * 3);
        Assert.Empty(_watch.RemoveSilent(Interval));

        // From then on their time runs.
        Assert.Single(Pass(WorkerWatch.SilenceTimeout + Interval));
    }

    [Fact]
    public void IsNeeded_WhileSequencesRunOrASuspectMayBeBack()
    {
        Task needed = _watch.UntilNeededAsync(CancellationToken.None);
        Assert.Equal((false, false), (_watch.IsNeeded, needed.IsCompleted));

        _watch.Follow(_stream, One);
        Assert.Equal((true, true), (_watch.IsNeeded, needed.IsCompletedSuccessfully));
        Assert.True(_watch.UntilNeededAsync(CancellationToken.None).IsCompletedSuccessfully);

        _watch.Unfollow(_stream, One);
        Task again = _watch.UntilNeededAsync(CancellationToken.None);
        Assert.Equal((false, false), (_watch.IsNeeded, again.IsCompleted));

        _watch.Distrust(Two);
        Assert.Equal((true, true), (_watch.IsNeeded, again.IsCompletedSuccessfully));
        _watch.Clear(Two);
        Assert.False(_watch.IsNeeded);
    }

    // Looks as often as the monitor does.
    private List<(WorkerId Worker, SequenceStream[] Streams)> Pass(TimeSpan time)
    {
        List<(WorkerId, SequenceStream[])> silent = [];
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += Interval)
        {
            _time.Advance(Interval);
            silent.AddRange(_watch.RemoveSilent(Interval));
        }

        return silent;
    }

    private sealed class NoOwner : IStreamOwner
    {
        public void Settled(SequenceStream stream)
        {
        }

        public void Began(SequenceStream stream)
        {
        }

        public void MovedInexactly(SequenceStream stream, string from, string to)
        {
        }

        public void Interrupted(SequenceStream stream)
        {
        }

        public void Ended(SequenceStream stream)
        {
        }

        public void Abort(InstanceKey instance, SequenceAttempt sequence)
        {
        }
    }
}
