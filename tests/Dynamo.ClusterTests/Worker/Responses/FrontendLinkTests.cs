using System.Threading.Channels;
using Dynamo.Abstractions.Serving;
using Dynamo.ClusterTests.Support;
using Dynamo.Engine.Loop;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Wire;
using Dynamo.Worker.Responses;
using Dynamo.Worker.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Dynamo.ClusterTests.Worker.Responses;

public sealed class FrontendLinkTests : IAsyncDisposable
{
    private static readonly RequestId A = new(new Guid(1, 0, 0, new byte[8]));
    private static readonly RequestId B = new(new Guid(2, 0, 0, new byte[8]));

    private readonly TimerWatchingTime _time = new();
    private readonly Measured _measured = new();
    private readonly RecordingEngine _engine = new();
    private readonly HeldSender _sender = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly FrontendLink _link;

    public FrontendLinkTests()
    {
        SiloAddress frontend = SiloAddress.FromParsableString("127.0.0.1:1@1");
        _link = new FrontendLink(frontend, new FrameBuilder(new WorkerId(7), 3), _engine, _sender, new WorkInstruments(_measured.Meters).Of("m", "w"), _time, NullLogger.Instance);
        _link.Start(_closing.Token);
    }

    [Fact]
    public async Task WhileAFrameIsInFlight_WhatComesIsOneFrameAfterIt()
    {
        Add(A, 0, 10);
        Delivery first = await _sender.NextAsync();
        Add(A, 1, 11);
        Add(A, 2, 12);
        Assert.False(_sender.HasNext);

        first.Take([]);
        Delivery second = await _sender.NextAsync();

        Assert.Equal([10], first.Frame.Deltas.Single().TokenIds);
        Assert.Equal([11, 12], second.Frame.Deltas.Single().TokenIds);
        Assert.Equal([1L, 2L], [first.Frame.Number, second.Frame.Number]);
    }

    [Fact]
    public async Task FrameWhoseCallFailed_IsSentAgainAsItWas()
    {
        Add(A, 0, 10);
        (await _sender.NextAsync()).Fail(new TimeoutException());
        Add(A, 1, 11);
        Assert.Equal(FrontendLink.RetryDelay, await _time.UntilWaitedOnAsync());
        _time.Advance(FrontendLink.RetryDelay);

        Delivery again = await _sender.NextAsync();

        Assert.Equal(1, again.Frame.Number);
        Assert.Equal([10], again.Frame.Deltas.Single().TokenIds);
    }

    [Fact]
    public async Task SequenceThatNobodyWaitsFor_IsAborted()
    {
        Add(A, 0, 10);
        (await _sender.NextAsync()).Take([new SequenceAttempt(A, 1)]);

        Assert.Equal(new SequenceAttempt(A, 1), await _engine.Aborted.Reader.ReadAsync());
    }

    [Fact]
    public async Task FrontendOutOfReachForTooLong_ItsSequencesAreAborted()
    {
        _link.Track(A, 1, traceParent: null);
        _link.Track(B, 2, traceParent: null);
        Add(A, 0, 10);
        (await _sender.NextAsync()).Fail(new TimeoutException());
        await _time.UntilWaitedOnAsync();
        _time.Advance(FrontendLink.Timeout);
        (await _sender.NextAsync()).Fail(new TimeoutException());

        Assert.Equal(
            [new SequenceAttempt(A, 1), new SequenceAttempt(B, 2)],
            new[] { await _engine.Aborted.Reader.ReadAsync(), await _engine.Aborted.Reader.ReadAsync() }.OrderBy(static sequence => sequence.Attempt));
    }

    [Fact]
    public async Task IdleFrame_ComesOnlyWhileThereAreLiveSequences()
    {
        _link.OnIdle();
        _link.Track(A, 1, traceParent: null);
        _link.OnIdle();
        Delivery idle = await _sender.NextAsync();
        Assert.Empty(idle.Frame.Deltas);
        Assert.Equal(1, idle.Frame.Number);
        idle.Take([]);

        _link.Add(FrameBuilderTests.Token(A, 0, 10) with { FinishReason = FinishReason.Length });
        _link.Signal();
        (await _sender.NextAsync()).Take([]);
        _link.OnIdle();
        _link.Complete();
        await _link.Ended;

        Assert.False(_sender.HasNext);
    }

    [Fact]
    public async Task Complete_DeliversWhatIsHeldFirst()
    {
        Add(A, 0, 10);
        Delivery first = await _sender.NextAsync();
        Add(A, 1, 11);
        _link.Complete();
        first.Take([]);
        Delivery last = await _sender.NextAsync();
        last.Take([]);
        await _link.Ended;

        Assert.Equal([11], last.Frame.Deltas.Single().TokenIds);
    }

    [Fact]
    public async Task SequencesAreCountedWhenTheyEnd_EachOnceAndByItsEnd()
    {
        _link.Track(A, 1, traceParent: null);
        _link.Track(A, 2, traceParent: null);
        _time.Advance(TimeSpan.FromSeconds(2));
        _link.Add(FrameBuilderTests.Token(A, 0, 10) with { Attempt = 1, FinishReason = FinishReason.Length });
        _link.Add(FrameBuilderTests.Token(A, 0, 10) with { Attempt = 2, FinishReason = FinishReason.Length });
        _link.Track(B, 1, traceParent: null);
        _link.Untrack(B, 1, WorkEnd.Refused);
        _link.Track(B, 2, traceParent: null);
        _link.GiveBack();
        _link.Signal();
        Delivery frame = await _sender.NextAsync();
        frame.Take([]);
        _link.Complete();
        await _link.Ended;

        string[] lines = [.. _measured.Lines.Where(static line => !line.StartsWith("dynamo.component.response", StringComparison.Ordinal))];
        Assert.Equal(
            [
                "dynamo.component.requests 1 m w generate",
                "dynamo.component.request_duration 0 m w generate",
                "dynamo.component.cancellation 1 m w generate",
                "dynamo.component.requests 1 m w generate",
                "dynamo.component.request_duration 2 m w generate",
                "dynamo.component.requests 1 m w generate",
                "dynamo.component.request_duration 0 m w generate",
            ],
            lines);
        Assert.Single(_measured.Lines, static line => line.StartsWith("dynamo.component.response ", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _link.Ended;
        _closing.Dispose();
        _measured.Dispose();
    }

    private void Add(RequestId id, int position, int token)
    {
        _link.Add(FrameBuilderTests.Token(id, position, token));
        _link.Signal();
    }

    private sealed class Delivery(StepFrame frame)
    {
        private readonly TaskCompletionSource<SequenceAttempt[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public StepFrame Frame => frame;

        public Task<SequenceAttempt[]> Answer => _answer.Task;

        public void Take(SequenceAttempt[] unknown) => _answer.SetResult(unknown);

        public void Fail(Exception e) => _answer.SetException(e);
    }

    private sealed class HeldSender : IFrontendSender
    {
        private readonly Channel<Delivery> _deliveries = Channel.CreateUnbounded<Delivery>();

        public bool HasNext => _deliveries.Reader.Count > 0;

        public ValueTask<Delivery> NextAsync() => _deliveries.Reader.ReadAsync();

        public Task<SequenceAttempt[]> DeliverAsync(SiloAddress frontend, WireMessage frame)
        {
            Delivery delivery = new(WireFormat.DecodeStepFrame(frame.Bytes));
            _deliveries.Writer.TryWrite(delivery);
            return delivery.Answer;
        }
    }

    private sealed class RecordingEngine : ILlmEngine
    {
        public Channel<SequenceAttempt> Aborted { get; } = Channel.CreateUnbounded<SequenceAttempt>();

        public LoadReport Load => Loads.Idle;

        public void Start() => throw new NotSupportedException();

        public SubmitResult Submit(GenerationRequest request, object? tag) => throw new NotSupportedException();

        public void Abort(RequestId id, int attempt) => Aborted.Writer.TryWrite(new SequenceAttempt(id, attempt));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
