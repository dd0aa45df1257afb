using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Protocol.Wire;
using Dynamo.Serving.Streams;
using Xunit;

namespace Dynamo.ClusterTests.Serving.Streams;

public sealed class SequenceStreamTests
{
    private static readonly InstanceKey One = new("m", SiloAddress.FromParsableString("127.0.0.1:1@1"), 1);
    private static readonly InstanceKey Two = new("m", SiloAddress.FromParsableString("127.0.0.1:2@1"), 2);
    private static readonly WorkerId First = new(1);
    private static readonly WorkerId Second = new(2);
    private static readonly SequenceSpec Spec = new() { PromptTokenIds = [7, 8], Sampling = new SamplingParameters { Seed = 5, MaxTokens = 9 } };

    private readonly RecordingOwner _owner = new();
    private readonly SequenceStream _stream;

    public SequenceStreamTests() => _stream = new SequenceStream("m", Spec, _owner);

    [Fact]
    public async Task TokensComeInOrderToTheEnd()
    {
        Run(One, First);
        Accept(0, [1, 2]);
        Accept(2, [3], FinishReason.Stop);

        Assert.Equal(["0:1,2", "2:3 Stop"], await ReadAsync());
        Assert.Equal(["settled", "began", "ended"], _owner.Calls);
    }

    [Fact]
    public async Task WhatIsToldTwice_CountsOnce()
    {
        Run(One, First);
        Accept(0, [1, 2]);
        Accept(0, [1, 2]);
        Accept(1, [2, 3]);
        Accept(0, [1, 2, 3, 4], FinishReason.Length);

        Assert.Equal(["0:1,2", "2:3", "3:4 Length"], await ReadAsync());
    }

    [Fact]
    public async Task EndThatIsToldWithKnownTokens_StillEnds()
    {
        Run(One, First);
        Accept(0, [1, 2]);
        Accept(0, [1], FinishReason.None);
        Accept(0, [1, 2], FinishReason.Stop);

        Assert.Equal(["0:1,2", "2: Stop"], await ReadAsync());
    }

    [Fact]
    public void NextAttempt_BringsAllTokensSoFar()
    {
        GenerationRequest first = Run(One, First);
        Accept(0, [1, 2]);
        Assert.True(_stream.TryLeave(First));
        GenerationRequest second = Run(Two, Second);

        Assert.Equal((1, 2), (first.Attempt, second.Attempt));
        Assert.Equal(Second, _stream.Route!.Worker);
        Assert.Equal(first.Id, second.Id);
        Assert.Equal([7, 8], first.TokenIds);
        Assert.Equal([7, 8, 1, 2], second.TokenIds);
        Assert.Equal(2, second.NumPromptTokens);
        Assert.Equal(5UL, second.Sampling.Seed);
    }

    [Fact]
    public async Task WorkerThatComesBackLate_IsNotHeard()
    {
        Run(One, First);
        Accept(0, [1]);
        _stream.TryLeave(First);
        Run(Two, Second);
        Accept(1, [9], FinishReason.Stop, attempt: 1);
        Accept(1, [2], FinishReason.Stop, attempt: 2);

        Assert.Equal(["0:1", "1:2 Stop"], await ReadAsync());
    }

    [Fact]
    public void LeavingAWorker_EndsTheSequenceThere()
    {
        Run(One, First);
        Assert.False(_stream.TryLeave(Second));
        Assert.True(_stream.TryLeave(First));
        Assert.False(_stream.TryLeave(First));

        Assert.Equal(["settled", "abort 1/1"], _owner.Calls);
    }

    [Theory]
    [InlineData(0, FinishReason.Interrupted)]
    [InlineData(1, FinishReason.Interrupted)]
    [InlineData(3, FinishReason.None)]
    public void SequenceThatIsGivenBackOrSkipsAPosition_GoesOnElsewhere(int position, FinishReason reason)
    {
        Run(One, First);
        Accept(0, [1]);
        Accept(position, [], reason);
        Accept(1, [2]);

        Assert.Equal(["settled", "began", "abort 1/1", "interrupted"], _owner.Calls);
        Assert.Equal([7, 8, 1, 2], Run(Two, Second).TokenIds);
    }

    [Fact]
    public void GivenBackBeforeItsAcceptanceIsKnown_IsNotSettled()
    {
        _stream.NextAttempt(One, Sent(First));
        Accept(0, [], FinishReason.Interrupted);

        Assert.False(_stream.TrySettle());
        Assert.Equal(["abort 1/1"], _owner.Calls);
    }

    [Fact]
    public async Task TokensThatComeBeforeTheAcceptance_Count()
    {
        _stream.NextAttempt(One, Sent(First));
        Accept(0, [1], FinishReason.Stop);

        Assert.True(_stream.TrySettle());
        Assert.Equal(["0:1 Stop"], await ReadAsync());
        Assert.Equal(["began", "ended"], _owner.Calls);
    }

    [Fact]
    public async Task CachedTokens_AreThoseOfTheFirstAttempt()
    {
        Run(One, First);
        _stream.Accept(Delta(0, [1], FinishReason.None, 1) with { NumCachedTokens = 1 });
        _stream.TryLeave(First);
        Run(Two, Second);
        _stream.Accept(Delta(1, [2], FinishReason.Stop, 2) with { NumCachedTokens = 2 });

        List<int> cached = [];
        await foreach (SequenceDelta delta in _stream.ReadAllAsync(CancellationToken.None))
        {
            cached.Add(delta.NumCachedTokens);
        }

        Assert.Equal([1, 1], cached);
    }

    [Fact]
    public async Task Disposed_EndsOnceEverywhere()
    {
        Run(One, First);
        Accept(0, [1]);
        await _stream.DisposeAsync();
        await _stream.DisposeAsync();

        Assert.Equal(["settled", "began", "abort 1/1", "ended"], _owner.Calls);
        Assert.Null(_stream.NextAttempt(Two, Sent(Second)));
    }

    [Fact]
    public void PinnedSequence_MayGoAnywhereOnceItsWorkerIsLost()
    {
        SequenceStream stream = new("m", new SequenceSpec { PromptTokenIds = [1, 2, 3], Sampling = new SamplingParameters(), Pinned = First }, _owner);
        Assert.Equal((First, false), (stream.RouteRequest(2, []).Pinned, stream.RouteRequest(2, []).IsMove));

        stream.NextAttempt(One, Sent(First));
        Assert.True(stream.TrySettle());
        Assert.True(stream.TryLeave(First));

        RouteRequest moved = stream.RouteRequest(2, []);
        Assert.Equal(First, stream.Route!.Worker);
        Assert.Equal((null, true, 3, 1), (moved.Pinned, moved.IsMove, moved.NumTokens, moved.Blocks.Length));
    }

    [Fact]
    public void ClassOfTheWorkerThatMadeTheLastToken_IsPreferred_OnceThereIsOne()
    {
        Run(One, First, "a");
        Assert.Null(_stream.RouteRequest(0, []).NumericsClass);
        Accept(0, [1]);
        Assert.Equal("a", _stream.RouteRequest(0, []).NumericsClass);

        // Accepted by one of another class, which is lost before its first token: nothing of the text is its own.
        _stream.TryLeave(First);
        Run(Two, Second, "b");
        _stream.TryLeave(Second);
        Assert.Equal("a", _stream.RouteRequest(0, []).NumericsClass);

        Run(Two, Second, "b");
        Accept(1, [2], attempt: 3);
        Assert.Equal("b", _stream.RouteRequest(0, []).NumericsClass);
    }

    [Theory]
    [InlineData("a", "a", null)]
    [InlineData("a", "b", "a to b")]
    [InlineData("a", "inexact-a", "a to inexact-a")]
    [InlineData("inexact-a", "inexact-a", "inexact-a to inexact-a")]
    [InlineData("a", null, null)]
    [InlineData(null, "b", null)]
    public void FirstTokenThatMayNotBeWhatItWouldHaveBeen_IsTold(string? from, string? to, string? told)
    {
        Run(One, First, from);
        Accept(0, [1]);
        _stream.TryLeave(First);
        Run(Two, Second, to);
        Assert.DoesNotContain(_owner.Calls, static call => call.StartsWith("inexact", StringComparison.Ordinal));
        Accept(1, [2], attempt: 2);
        Accept(2, [3], attempt: 2);

        Assert.Equal(told is null ? [] : [$"inexact {told}"], _owner.Calls.Where(static call => call.StartsWith("inexact", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "a")]
    public void ResumedSequence_PrefersTheClassThatMadeWhatItsClientHas(int position, string? preferred)
    {
        GenerationRequest request = Run(One, First) with { TokenIds = [7, 8, 1, 2], Origin = new RequestOrigin("chatcmpl-1", 0, []) };

        SequenceStream resumed = SequenceStream.Resumed(new FoundSequence(One, request, "a"), position, _owner);

        Assert.Equal((preferred, true), (resumed.RouteRequest(0, []).NumericsClass, resumed.RouteRequest(0, []).IsMove));
    }

    // Its last attempt may run on beside it, with its frames for this very frontend.
    [Theory]
    [InlineData(1, FinishReason.None)]
    [InlineData(2, FinishReason.None)]
    [InlineData(9, FinishReason.None)]
    [InlineData(0, FinishReason.Interrupted)]
    [InlineData(1, FinishReason.Stop)]
    public async Task ResumedSequence_HearsNothingBeforeItsFirstAttemptHere(int position, FinishReason reason)
    {
        GenerationRequest request = Run(One, First) with { TokenIds = [7, 8, 1, 2], Origin = new RequestOrigin("chatcmpl-1", 0, []) };
        _owner.Calls.Clear();
        await using SequenceStream resumed = SequenceStream.Resumed(new FoundSequence(One, request, "a"), 1, _owner);

        Assert.True(resumed.Accept(Delta(position, [5], reason, attempt: 1)));
        Assert.Equal((false, false, "a"), (resumed.IsOver, resumed.HasBegun, resumed.RouteRequest(0, []).NumericsClass));
        GenerationRequest next = WireFormat.DecodeGenerationRequest(resumed.NextAttempt(Two, Sent(Second))!.Value.Bytes);
        Assert.Equal(2, next.Attempt);
        Assert.Equal([7, 8, 1], next.TokenIds);
        Assert.False(resumed.Accept(Delta(position, [5], reason, attempt: 1)));
        Assert.Empty(_owner.Calls);
    }

    [Fact]
    public async Task SupersededSequence_EndsWithoutAWord_AndLeavesItsAttemptAlone()
    {
        Run(One, First);
        Accept(0, [1]);
        _stream.Supersede();
        _stream.Supersede();
        await _stream.DisposeAsync();

        Assert.Equal(["0:1"], await ReadAsync());
        Assert.Equal(["settled", "began", "ended"], _owner.Calls);
    }

    [Fact]
    public async Task Failed_TellsWhy()
    {
        Run(One, First);
        Accept(0, [1]);
        _stream.Fail("no worker");

        Assert.Equal(["0:1", "1: Error"], await ReadAsync());
    }

    private GenerationRequest Run(InstanceKey instance, WorkerId worker, string? numericsClass = null)
    {
        WireMessage request = _stream.NextAttempt(instance, Sent(worker) with { NumericsClass = numericsClass })!.Value;
        Assert.True(_stream.TrySettle());
        return WireFormat.DecodeGenerationRequest(request.Bytes);
    }

    private static RouteDecision Sent(WorkerId worker) => new() { Status = RouteStatus.Routed, Worker = worker, NumWorkers = 2 };

    private SequenceDelta Delta(int position, int[] tokens, FinishReason reason, int attempt) =>
        new() { Id = _stream.Id, Attempt = attempt, Position = position, TokenIds = tokens, FinishReason = reason };

    private void Accept(int position, int[] tokens, FinishReason reason = FinishReason.None, int attempt = 1) => _stream.Accept(Delta(position, tokens, reason, attempt));

    private async Task<List<string>> ReadAsync()
    {
        List<string> news = [];
        await foreach (SequenceDelta delta in _stream.ReadAllAsync(CancellationToken.None))
        {
            news.Add($"{delta.Position}:{string.Join(',', delta.TokenIds)}{(delta.FinishReason == FinishReason.None ? "" : $" {delta.FinishReason}")}");
        }

        return news;
    }

    private sealed class RecordingOwner : IStreamOwner
    {
        public List<string> Calls { get; } = [];

        public void Settled(SequenceStream stream) => Calls.Add("settled");

        public void Began(SequenceStream stream) => Calls.Add("began");

        public void MovedInexactly(SequenceStream stream, string from, string to) => Calls.Add($"inexact {from} to {to}");

        public void Interrupted(SequenceStream stream) => Calls.Add("interrupted");

        public void Ended(SequenceStream stream) => Calls.Add("ended");

        public void Abort(InstanceKey instance, SequenceAttempt sequence) => Calls.Add($"abort {instance.Generation}/{sequence.Attempt}");
    }
}
