namespace Dynamo.Text.Tokenizers;

/// <summary>What becomes of the delimiters that a pattern finds.</summary>
internal enum SplitBehavior
{
    /// <summary>Each is a piece.</summary>
    Isolated,

    /// <summary>They are dropped.</summary>
    Removed,

    /// <summary>Each ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>Each begins the piece behind it.</summary>
    MergedWithNext,

    /// <summary>Neighbouring ones are one piece.</summary>
    Contiguous,
}

/// <summary>Splits at a pattern.</summary>
/// <param name="pattern">What the delimiters look like.</param>
/// <param name="behavior">What becomes of them.</param>
/// <param name="invert">Delimiters are what the pattern does not match.</param>
internal sealed class SplitPreTokenizer(SplitPattern pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    /// <inheritdoc/>
    public void Split(ReadOnlyMemory<char> piece, List<ReadOnlyMemory<char>> pieces)
    {
        List<(int Start, int End)> matches = [];
        pattern.Matches(piece.Span, matches);
        int done = 0;
        PieceWriter writer = new(piece, behavior, pieces);
        foreach ((int start, int end) in matches)
        {
            if (start > done)
            {
                writer.Add(done, start, isDelimiter: invert);
            }

            // An empty match is no piece, and yet what stands before it and behind it are two.
            writer.Add(start, end, isDelimiter: !invert);
            done = end;
        }

        if (done < piece.Length)
        {
            writer.Add(done, piece.Length, isDelimiter: invert);
        }

        writer.Finish();
    }

    // Receives runs from left to right and decides which of them become one piece.
    private struct PieceWriter(ReadOnlyMemory<char> text, SplitBehavior behavior, List<ReadOnlyMemory<char>> pieces)
    {
        private int _start;
        private int _end;
        private bool _open;
        private bool _openIsDelimiter;

        public void Add(int start, int end, bool isDelimiter)
        {
            bool joins = _open && behavior switch
            {
                SplitBehavior.MergedWithPrevious => isDelimiter && !_openIsDelimiter,
                SplitBehavior.MergedWithNext => _openIsDelimiter && !isDelimiter,
                SplitBehavior.Contiguous => isDelimiter == _openIsDelimiter,
                _ => false,
            };
            if (joins)
            {
                _end = end;
                _openIsDelimiter = isDelimiter;
                return;
            }

            Finish();
            if (behavior == SplitBehavior.Removed && isDelimiter)
            {
                return;
            }

            (_start, _end, _open, _openIsDelimiter) = (start, end, true, isDelimiter);
        }

        public void Finish()
        {
            if (_open && _end > _start)
            {
                pieces.Add(text[_start.._end]);
            }

            _open = false;
        }
    }
}
