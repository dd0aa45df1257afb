using System.Threading.Channels;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Streams;
using Xunit;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>One sequence under a test's hand.</summary>
internal sealed class ScriptedSequence(string model, SequenceSpec spec) : ISequenceStream
{
    private readonly Channel<SequenceDelta> _deltas = Channel.CreateUnbounded<SequenceDelta>();
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _position;

    public RequestId Id { get; } = RequestId.New();

    public RouteInfo? Route { get; init; } = new(new WorkerId(7), 32, 0);

    public string? Abandoned { get; set; }

    public string Model { get; } = model;

    public SequenceSpec Spec { get; } = spec;

    public string Prompt => DemoModel.Tokenizer.Decode([.. Spec.PromptTokenIds], skipSpecialTokens: false);

    public bool IsDisposed => _disposed.Task.IsCompleted;

    /// <summary>Completes when the frontend lets go of the sequence.</summary>
    public Task Disposed => _disposed.Task.WaitAsync(Waiting.Limit);

    public void Emit(params int[] tokens) => Emit(tokens, FinishReason.None);

    public void Emit(string text, FinishReason finish = FinishReason.None) => Emit(DemoModel.Encode(text), finish);

    public void Emit(int[] tokens, FinishReason finish, IReadOnlyList<TokenLogprobs>? logprobs = null, string? error = null, int numCachedTokens = 0)
    {
        SequenceDelta delta = new()
        {
            Id = Id,
            Attempt = 1,
            Position = _position,
            TokenIds = tokens,
            Logprobs = logprobs ?? [],
            FinishReason = finish,
            Error = error,
            NumCachedTokens = numCachedTokens,
        };
        _position += tokens.Length;
        Assert.True(_deltas.Writer.TryWrite(delta));
    }

    /// <summary>Ends as a model does that says its end-of-turn token.</summary>
    public void EndTurn() => Emit([DemoModel.EndOfTurn], FinishReason.Stop);

    /// <summary>Ends the stream without an end of the sequence, or breaks it.</summary>
    public void Break(Exception? error = null) => _deltas.Writer.Complete(error);

    public IAsyncEnumerable<SequenceDelta> ReadAllAsync(CancellationToken cancellationToken) => _deltas.Reader.ReadAllAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        _disposed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
