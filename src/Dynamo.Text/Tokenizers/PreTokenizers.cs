namespace Dynamo.Text.Tokenizers;

/// <summary>One pre-tokenizer after the other.</summary>
internal sealed class SequencePreTokenizer(IReadOnlyList<IPreTokenizer> steps) : IPreTokenizer
{
    /// <inheritdoc/>
    public void Split(ReadOnlyMemory<char> piece, List<ReadOnlyMemory<char>> pieces)
    {
        List<ReadOnlyMemory<char>> current = [piece];
        foreach (IPreTokenizer step in steps)
        {
            List<ReadOnlyMemory<char>> next = new(current.Count * 2);
            foreach (ReadOnlyMemory<char> part in current)
            {
                step.Split(part, next);
            }

            current = next;
        }

        pieces.AddRange(current);
    }
}

/// <summary>Leaves the piece as it is.</summary>
internal sealed class WholePreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public void Split(ReadOnlyMemory<char> piece, List<ReadOnlyMemory<char>> pieces) => pieces.Add(piece);
}

/// <summary>Puts a space before a piece that does not begin with one, then splits (<c>add_prefix_space</c>).</summary>
internal sealed class PrefixSpacePreTokenizer(IPreTokenizer inner) : IPreTokenizer
{
    /// <inheritdoc/>
    public void Split(ReadOnlyMemory<char> piece, List<ReadOnlyMemory<char>> pieces) =>
        inner.Split(piece.Span[0] == ' ' ? piece : string.Concat(" ", piece.Span).AsMemory(), pieces);
}
