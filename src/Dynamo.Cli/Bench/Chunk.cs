namespace Dynamo.Cli.Bench;

/// <summary>What a chunk of a streamed answer says that is measured.</summary>
internal struct Chunk
{
    /// <summary>Whether it brings text, of any kind.</summary>
    public bool HasText;

    /// <summary>Whether it ends the answer.</summary>
    public bool IsEnd;

    /// <summary>Token counts, in the last chunk.</summary>
    public TokenUsage? Usage;

    /// <summary>Who computes it.</summary>
    public string? Worker;

    /// <summary>Blocks that it found there.</summary>
    public int? NumOverlapTokens;

    /// <summary>An error in place of the answer.</summary>
    public string? Error;
}

/// <summary>Tokens of a request by the server's count.</summary>
/// <param name="NumPromptTokens">Of the prompt.</param>
/// <param name="NumCompletionTokens">Of the answer.</param>
/// <param name="NumCachedTokens">Of the prompt, those that were not computed again; <see langword="null"/> when it is not told.</param>
internal readonly record struct TokenUsage(int NumPromptTokens, int NumCompletionTokens, int? NumCachedTokens);
