namespace Dynamo.Routing.Scoring;

/// <summary>What a decision was asked, which all its candidates have in common. Immutable.</summary>
/// <param name="BlockSize">Tokens of a block.</param>
/// <param name="NumTokens">Tokens of the prompt.</param>
/// <param name="Now">The moment.</param>
/// <param name="PerMeanRecent">The inverse of what workers got lately on average; 0 when that was nothing.</param>
/// <param name="Comparison">How costs come from what they are functions of; <see langword="null"/> where none is asked for.</param>
internal sealed record Inquiry(int BlockSize, int NumTokens, double Now, double PerMeanRecent, Comparison? Comparison)
{
    /// <summary>Blocks of the prompt, the last one perhaps partly filled.</summary>
    public int PromptBlocks => BlocksOf(NumTokens, BlockSize);

    /// <summary>Blocks of so many tokens, the last one perhaps partly filled.</summary>
    public static int BlocksOf(int numTokens, int blockSize) => (numTokens + blockSize - 1) / blockSize;
}
