using System.Runtime.InteropServices;
using System.Text;

namespace Dynamo.Text.Tokenizers;

/// <summary>
/// Byte-level byte-pair encoding: a piece starts as one token for each byte; the neighbours whose merge has the lowest rank are joined,
/// leftmost first, until no merge applies. Thread-safe.
/// </summary>
internal sealed class BpeModel
{
    // Below this a scan for the lowest rank is faster than a queue; above it a scan would be quadratic.
    private const int MaxScanLength = 64;

    private readonly Dictionary<ulong, Merge> _merges;
    private readonly Dictionary<string, int> _idOfBytes;
    private readonly int?[] _idOfByte;
    private readonly bool _ignoreMerges;
    private readonly int? _unknown;
    private readonly bool _fusesUnknown;
    private readonly PieceCache _cache = new();

    /// <summary>Creates a model.</summary>
    /// <param name="merges">For each pair of ids, rank and result.</param>
    /// <param name="idOfBytes">Ids of entries by their bytes, as Latin-1 text.</param>
    /// <param name="ignoreMerges">A piece that is an entry is that token, whatever the merges say.</param>
    /// <param name="unknown">The token for a byte that no entry stands for; without one such bytes are dropped, as in the reference.</param>
    /// <param name="fusesUnknown">Several such bytes in a row are one token.</param>
    public BpeModel(Dictionary<ulong, Merge> merges, Dictionary<string, int> idOfBytes, bool ignoreMerges, int? unknown, bool fusesUnknown)
    {
        _unknown = unknown;
        _fusesUnknown = fusesUnknown;
        _merges = merges;
        _idOfBytes = idOfBytes;
        _ignoreMerges = ignoreMerges;
        _idOfByte = new int?[256];
        for (int b = 0; b < 256; b++)
        {
            _idOfByte[b] = idOfBytes.TryGetValue(((char)b).ToString(), out int id) ? id : null;
        }
    }

    /// <summary>Key of a pair of ids.</summary>
    public static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    /// <summary>Encodes one piece.</summary>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_cache.TryGet(piece, out int[]? cached))
        {
            ids.AddRange(cached);
            return;
        }

        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(piece.Length)];
        int numBytes = Encoding.UTF8.GetBytes(piece, bytes);
        int[] result = EncodeBytes(bytes.AsSpan(0, numBytes));
        _cache.Add(piece, result);
        ids.AddRange(result);
    }

    private int[] EncodeBytes(ReadOnlySpan<byte> bytes)
    {
        if (_ignoreMerges && _idOfBytes.TryGetValue(Encoding.Latin1.GetString(bytes), out int whole))
        {
            return [whole];
        }

        List<int> ids = new(bytes.Length);
        bool lastIsUnknown = false;
        foreach (byte b in bytes)
        {
            bool isUnknown = _idOfByte[b] is null;
            if ((_idOfByte[b] ?? _unknown) is { } id && !(isUnknown && lastIsUnknown && _fusesUnknown))
            {
                ids.Add(id);
            }

            lastIsUnknown = isUnknown;
        }

        return ids.Count <= MaxScanLength ? MergeByScan(ids) : MergeByQueue(ids);
    }

    private int[] MergeByScan(List<int> ids)
    {
        while (ids.Count > 1)
        {
            Merge best = Merge.None;
            int at = -1;
            Span<int> span = CollectionsMarshal.AsSpan(ids);
            for (int i = 0; i + 1 < span.Length; i++)
            {
                if (_merges.TryGetValue(Key(span[i], span[i + 1]), out Merge merge) && merge.Rank < best.Rank)
                {
                    best = merge;
                    at = i;
                }
            }

            if (at < 0)
            {
                break;
            }

            ids[at] = best.Id;
            ids.RemoveAt(at + 1);
        }

        return [.. ids];
    }

    // The tokens form a linked list; a merge keeps its left token's place. Entries of the queue that no longer fit are skipped.
    private int[] MergeByQueue(List<int> tokens)
    {
        Span<int> ids = CollectionsMarshal.AsSpan(tokens);
        int[] next = new int[ids.Length];
        int[] previous = new int[ids.Length];
        PriorityQueue<Candidate, (int Rank, int Position)> queue = new();
        for (int i = 0; i < ids.Length; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
            if (i > 0)
            {
                Offer(queue, ids, i - 1, i);
            }
        }

        while (queue.TryDequeue(out Candidate candidate, out (int Rank, int Position) priority))
        {
            int left = priority.Position;
            int right = next[left];
            if (ids[left] != candidate.Left || right >= ids.Length || ids[right] != candidate.Right)
            {
                continue;
            }

            ids[left] = candidate.Id;
            ids[right] = -1;
            next[left] = next[right];
            if (next[left] < ids.Length)
            {
                previous[next[left]] = left;
                Offer(queue, ids, left, next[left]);
            }

            if (previous[left] >= 0)
            {
                Offer(queue, ids, previous[left], left);
            }
        }

        List<int> result = [];
        for (int i = 0; i < ids.Length; i = next[i])
        {
            result.Add(ids[i]);
        }

        return [.. result];
    }

    private void Offer(PriorityQueue<Candidate, (int Rank, int Position)> queue, ReadOnlySpan<int> ids, int left, int right)
    {
        if (_merges.TryGetValue(Key(ids[left], ids[right]), out Merge merge))
        {
            queue.Enqueue(new Candidate(ids[left], ids[right], merge.Id), (merge.Rank, left));
        }
    }

    /// <summary>What a pair becomes.</summary>
    /// <param name="Rank">Lower ranks are applied first.</param>
    /// <param name="Id">The joined token.</param>
    public readonly record struct Merge(int Rank, int Id)
    {
        /// <summary>Ranks behind every other.</summary>
        public static readonly Merge None = new(int.MaxValue, 0);
    }

    private readonly record struct Candidate(int Left, int Right, int Id);
}
