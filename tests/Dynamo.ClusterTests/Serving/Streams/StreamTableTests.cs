using System.Net;
using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.ClusterTests.Support;
using Dynamo.ClusterTests.Worker.Responses;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Serving.Generation;
using Dynamo.Serving.Liveness;
using Dynamo.Serving.Streams;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.ClusterTests.Serving.Streams;

public sealed class StreamTableTests
{
    private static readonly WorkerId Worker = new(1);
    private static readonly InstanceKey Instance = new("m", SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1000), 1), 1);

    private readonly StreamTable _table = new(new WorkerWatch(new FakeTimeProvider()));
    private readonly SequenceStream _stream = new("m", new SequenceSpec { PromptTokenIds = [1], Sampling = new SamplingParameters() }, Stub.Of<IStreamOwner>(static (_, _) => null));

    public StreamTableTests()
    {
        _table.Add(_stream);
        RouteDecision decision = new() { Status = RouteStatus.Routed, Worker = Worker, NumWorkers = 1 };
        _stream.NextAttempt(Instance, decision);
        _stream.NextAttempt(Instance, decision);
    }

    [Fact]
    public void CurrentAttempt_GoesOn() => Assert.Empty(Accept(attempt: 2, FinishReason.None));

    [Fact]
    public void AttemptThatWasGivenUp_ShallEnd() => Assert.Equal([new SequenceAttempt(_stream.Id, 1)], Accept(attempt: 1, FinishReason.None));

    [Fact]
    public void AttemptThatIsOverByItself_NeedsNoWord() => Assert.Empty(Accept(attempt: 1, FinishReason.Stop));

    [Fact]
    public void SequenceThatNobodyWaitsFor_ShallEnd()
    {
        Assert.True(_table.TryRemove(_stream));

        Assert.Equal([new SequenceAttempt(_stream.Id, 2)], Accept(attempt: 2, FinishReason.None));
        Assert.False(_table.TryRemove(_stream));
    }

    [Fact]
    public void SequenceWhoseClientCameBackHere_GoesOnWithItsNewStreamAlone()
    {
        GenerationRequest found = new() { Id = _stream.Id, Attempt = 2, TokenIds = [1, 7], NumPromptTokens = 1, Sampling = new SamplingParameters(), Origin = new RequestOrigin("r", 0, []) };
        SequenceStream resumed = SequenceStream.Resumed(new FoundSequence(Instance, found), 1, Stub.Of<IStreamOwner>(static (_, _) => null));

        _table.Add(resumed);

        Assert.Equal((true, false), (_stream.IsOver, resumed.IsOver));
        Assert.False(_table.TryRemove(_stream));
        Assert.Empty(Accept(attempt: 2, FinishReason.None));
        resumed.NextAttempt(Instance, new RouteDecision { Status = RouteStatus.Routed, Worker = Worker, NumWorkers = 1 });
        Assert.Equal([new SequenceAttempt(_stream.Id, 2)], Accept(attempt: 2, FinishReason.None));
        Assert.Empty(Accept(attempt: 3, FinishReason.None));
    }

    private SequenceAttempt[] Accept(int attempt, FinishReason reason) => _table.Accept(new StepFrame
    {
        Worker = Worker,
        Generation = 1,
        Number = 1,
        Load = Loads.Idle,
        Deltas = [new SequenceDelta { Id = _stream.Id, Attempt = attempt, Position = 0, TokenIds = [7], FinishReason = reason }],
    });
}
