using Dynamo.Simulation.Traces;

namespace Dynamo.Cli.Bench;

/// <summary>
/// The requests of a trace: each of its blocks becomes the same tokens wherever it appears, so prompts share what they shared then. A trace
/// without blocks shares nothing.
/// </summary>
internal sealed class TraceWorkload(IReadOnlyList<TraceRequest> trace, int blockSize, TokenSource tokens) : IWorkload
{
    /// <inheritdoc/>
    public int? NumRequests => trace.Count;

    /// <inheritdoc/>
    public (int NumInputTokens, int NumOutputTokens) LengthsOf(int index) => (trace[index].InputLength, trace[index].OutputLength);

    /// <inheritdoc/>
    public void WritePrompt(int index, Span<int> prompt)
    {
        long[] blocks = trace[index].Blocks;
        if (blocks.Length == 0)
        {
            tokens.Fill(prompt, TokenSource.Kind.Own, index);
        }

        for (int i = 0; i < blocks.Length; i++)
        {
            int start = i * blockSize;
            tokens.Fill(prompt[start..Math.Min(start + blockSize, prompt.Length)], TokenSource.Kind.Block, blocks[i]);
        }
    }
}
