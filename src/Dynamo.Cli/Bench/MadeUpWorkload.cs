namespace Dynamo.Cli.Bench;

/// <summary>Requests of equal lengths; where there are groups, each prompt begins with the head of one of them, drawn by the request's number.</summary>
internal sealed class MadeUpWorkload(BenchOptions options, TokenSource tokens) : IWorkload
{
    /// <inheritdoc/>
    public int? NumRequests => null;

    /// <inheritdoc/>
    public (int NumInputTokens, int NumOutputTokens) LengthsOf(int index) => (options.NumInputTokens, options.NumOutputTokens);

    /// <inheritdoc/>
    public void WritePrompt(int index, Span<int> prompt)
    {
        if (options.NumPrefixGroups > 0)
        {
            tokens.Fill(prompt[..options.NumPrefixTokens], TokenSource.Kind.Head, tokens.GroupOf(index, options.NumPrefixGroups));
        }

        tokens.Fill(prompt[options.NumPrefixTokens..], TokenSource.Kind.Own, index);
    }
}
