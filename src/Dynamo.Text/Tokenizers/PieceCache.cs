using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Dynamo.Text.Tokenizers;

/// <summary>
/// Remembers the tokens of short pieces: words repeat. Bounded: when full it starts afresh, so no stream of odd words makes it grow.
/// Thread-safe.
/// </summary>
internal sealed class PieceCache
{
    private const int MaxPieces = 1 << 16;
    private const int MaxPieceLength = 32;

    private readonly ConcurrentDictionary<string, int[]> _ids = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Looks a piece up.</summary>
    public bool TryGet(ReadOnlySpan<char> piece, [NotNullWhen(true)] out int[]? ids)
    {
        ids = null;
        return piece.Length <= MaxPieceLength && _ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(piece, out ids);
    }

    /// <summary>Remembers a piece.</summary>
    public void Add(ReadOnlySpan<char> piece, int[] ids)
    {
        if (piece.Length > MaxPieceLength)
        {
            return;
        }

        if (Interlocked.Increment(ref _count) > MaxPieces)
        {
            Volatile.Write(ref _count, 1);
            _ids.Clear();
        }

        _ids.TryAdd(piece.ToString(), ids);
    }
}
