using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Serving;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Xunit;

namespace Dynamo.ClusterTests.Serving;

public sealed class SequenceStreamTests
{
    private static readonly InstanceKey Instance = new("m", SiloAddress.FromParsableString("127.0.0.1:1@1"), 1);

    private readonly RecordingOwner _owner = new();
    private readonly SequenceStream _stream;

    public SequenceStreamTests() => _stream = new SequenceStream(_owner);

    [Fact]
    public async Task TokensComeInOrderToTheEnd()
    {
        Accept(0, [1, 2]);
        Accept(2, [3], FinishReason.Stop);

        Assert.Equal(["0:1,2", "2:3 Stop"], await ReadAsync());
        Assert.Equal([_stream.Id], _owner.Forgotten);
    }

    [Fact]
    public async Task WhatIsToldTwice_CountsOnce()
    {
        Accept(0, [1, 2]);
        Accept(0, [1, 2]);
        Accept(1, [2, 3]);
        Accept(0, [1, 2, 3, 4], FinishReason.Length);

        Assert.Equal(["0:1,2", "2:3", "3:4 Length"], await ReadAsync());
    }

    [Fact]
    public async Task EndThatIsToldWithKnownTokens_StillEnds()
    {
        Accept(0, [1, 2]);
        Accept(0, [1, 2], FinishReason.Stop);

        Assert.Equal(["0:1,2", "2: Stop"], await ReadAsync());
    }

    [Fact]
    public async Task OtherAttempts_AreNotHeard()
    {
        _stream.Accept(Delta(0, [9], FinishReason.Stop) with { Attempt = 2 });
        Accept(0, [1], FinishReason.Stop);

        Assert.Equal(["0:1 Stop"], await ReadAsync());
    }

    [Fact]
    public async Task TokensThatSkipAPosition_EndTheStreamWithAnError()
    {
        Accept(0, [1]);
        Accept(2, [3]);
        Accept(1, [2]);

        Assert.Equal(["0:1", "1: Error"], await ReadAsync());
    }

    [Fact]
    public async Task DisposedBeforeItsEnd_IsAbortedAtItsWorker()
    {
        _stream.SentTo(Instance);
        Accept(0, [1]);
        await _stream.DisposeAsync();
        await _stream.DisposeAsync();

        Assert.Equal([(Instance, new SequenceAttempt(_stream.Id, 1))], _owner.Aborted);
    }

    [Fact]
    public async Task DisposedAfterItsEnd_OrBeforeItWasSent_IsNotAborted()
    {
        await new SequenceStream(_owner).DisposeAsync();
        _stream.SentTo(Instance);
        Accept(0, [1], FinishReason.Stop);
        await _stream.DisposeAsync();

        Assert.Empty(_owner.Aborted);
    }

    private SequenceDelta Delta(int position, int[] tokens, FinishReason reason) =>
        new() { Id = _stream.Id, Attempt = 1, Position = position, TokenIds = tokens, FinishReason = reason };

    private void Accept(int position, int[] tokens, FinishReason reason = FinishReason.None) => _stream.Accept(Delta(position, tokens, reason));

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
        public List<RequestId> Forgotten { get; } = [];

        public List<(InstanceKey, SequenceAttempt)> Aborted { get; } = [];

        public void Forget(RequestId id) => Forgotten.Add(id);

        public void Abort(InstanceKey instance, SequenceAttempt sequence) => Aborted.Add((instance, sequence));
    }
}
