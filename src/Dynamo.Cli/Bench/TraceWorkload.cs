namespace Dynamo.Cli.Bench;

/// <summary>The requests of a trace: each of its blocks becomes the same tokens wherever it appears, so prompts share what they shared then.</summary>
internal sealed class TraceWorkload(IReadOnlyList<TraceRequest> trace, int blockSize, TokenSource tokens) : IWorkload
{
    /// <inheritdoc/>
    public int? NumRequests => trace.Count;

    /// <inheritdoc/>
    public (int NumInputTokens, int NumOutputTokens) LengthsOf(int index) => (trace[index].NumInputTokens, trace[index].NumOutputTokens);

    /// <inheritdoc/>
    public void WritePrompt(int index, Span<int> prompt)
    {
        long[] blocks = trace[index].Blocks;
        for (int i = 0; i < blocks.Length; i++)
        {
            int start = i * blockSize;
            tokens.Fill(prompt[start..Math.Min(start + blockSize, prompt.Length)], TokenSource.Kind.Block, blocks[i]);
        }
    }
}
