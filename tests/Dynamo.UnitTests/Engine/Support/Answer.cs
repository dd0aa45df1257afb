using Dynamo.Engine.Loop;
using Dynamo.Protocol.Frames;

namespace Dynamo.UnitTests.Engine.Support;

/// <summary>All that an engine told of one dispatch of one sequence.</summary>
internal sealed class Answer
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<int> Tokens { get; } = [];

    public List<int> Positions { get; } = [];

    public List<TokenLogprobs?> Logprobs { get; } = [];

    public FinishReason FinishReason { get; private set; }

    public string? Error { get; private set; }

    public int NumCachedTokens { get; private set; }

    public object? Tag { get; private set; }

    /// <summary>Done with the last output; fails instead of hanging.</summary>
    public Task Ended => _ended.Task.WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Adds an output.</summary>
    /// <exception cref="InvalidOperationException">It comes behind the end, or out of order.</exception>
    public void Add(SequenceOutput output)
    {
        if (FinishReason != FinishReason.None)
        {
            throw new InvalidOperationException($"{output.Id} had ended with {FinishReason} and now tells {output}.");
        }

        if (Positions.Count > 0 && output.Position != Positions[^1] + 1)
        {
            throw new InvalidOperationException($"{output.Id}: position {output.Position} behind {Positions[^1]}.");
        }

        (Tag, NumCachedTokens, Error) = (output.Tag, output.NumCachedTokens, output.Error);
        if (output.TokenId is { } token)
        {
            Tokens.Add(token);
            Positions.Add(output.Position);
            Logprobs.Add(output.Logprobs);
        }

        if (output.FinishReason != FinishReason.None)
        {
            FinishReason = output.FinishReason;
            _ended.SetResult();
        }
    }
}
