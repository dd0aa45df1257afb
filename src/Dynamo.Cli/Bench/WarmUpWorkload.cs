namespace Dynamo.Cli.Bench;

/// <summary>Requests before those that count: of their lengths, with prompts that none of them has, so that they leave nothing to reuse.</summary>
internal sealed class WarmUpWorkload(IWorkload measured, TokenSource tokens) : IWorkload
{
    /// <inheritdoc/>
    public int? NumRequests => null;

    /// <inheritdoc/>
    public (int NumInputTokens, int NumOutputTokens) LengthsOf(int index) => measured.LengthsOf(measured.NumRequests is { } count ? index % count : index);

    /// <inheritdoc/>
    public void WritePrompt(int index, Span<int> prompt) => tokens.Fill(prompt, TokenSource.Kind.WarmUp, index);
}
