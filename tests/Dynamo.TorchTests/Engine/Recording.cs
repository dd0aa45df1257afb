using Dynamo.Engine.Loop;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Xunit;

namespace Dynamo.TorchTests.Engine;

/// <summary>What came out for one prompt. Written on the engine thread, read when <see cref="Done"/>.</summary>
internal sealed class Recording(RequestId id, Action<Recording>? onToken)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RequestId Id { get; } = id;

    public List<int> Tokens { get; } = [];

    /// <summary>The logits that each token was chosen from.</summary>
    public List<float[]> Logits { get; } = [];

    public int NumCachedTokens { get; private set; }

    public Task Done => _done.Task;

    public void Add(int token, float[] logits, SequenceOutput output)
    {
        Tokens.Add(token);
        Logits.Add(logits);
        NumCachedTokens = output.NumCachedTokens;
        onToken?.Invoke(this);
        if (output.FinishReason != FinishReason.None)
        {
            _done.SetResult();
        }
    }

    public void Fail(string? error) => _done.SetException(new InvalidOperationException(error));

    /// <summary>Checks that tokens and all their logits are the same bits.</summary>
    public void AssertEqual(Recording expected, string what)
    {
        Assert.Equal(expected.Tokens, Tokens);
        for (int i = 0; i < Logits.Count; i++)
        {
            Assert.True(expected.Logits[i].AsSpan().SequenceEqual(Logits[i]), $"{what}: the logits of token {i} differ");
        }
    }
}
