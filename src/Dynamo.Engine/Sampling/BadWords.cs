namespace Dynamo.Engine.Sampling;

/// <summary>Forbids the last token of each bad word where the output ends with its others, as vLLM's bad_words. Not thread-safe.</summary>
/// <param name="words">Words of at least one token each.</param>
internal sealed class BadWords(IReadOnlyList<IReadOnlyList<int>> words)
{
    private readonly int[][] _words = [.. words.Select(static word => word.ToArray())];

    // The end of the output, as much of it as the longest word looks back on, newest last.
    private readonly int[] _tail = new int[words.Max(static word => word.Count) - 1];
    private int _count;

    /// <summary>Takes note of a token of the output.</summary>
    public void OnAppended(int token)
    {
        if (_tail.Length > 0)
        {
            Array.Copy(_tail, 1, _tail, 0, _tail.Length - 1);
            _tail[^1] = token;
            _count = Math.Min(_count + 1, _tail.Length);
        }
    }

    /// <summary>Forbids tokens.</summary>
    /// <param name="logits">One row, [vocabulary]; changed.</param>
    public void Mask(Span<float> logits)
    {
        ReadOnlySpan<int> output = _tail.AsSpan(_tail.Length - _count);
        foreach (int[] word in _words)
        {
            if (output.EndsWith(word.AsSpan(0, word.Length - 1)))
            {
                logits[word[^1]] = float.NegativeInfinity;
            }
        }
    }
}
