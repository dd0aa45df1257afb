using System.Collections;
using Dynamo.Protocol.KV;

namespace Dynamo.Simulation.Traces;

/// <summary>Token ids for a prompt of a trace, made up from the names of its blocks: equal blocks have equal tokens. Holds one prompt at a time.</summary>
internal sealed class PromptTokens(int maxCount, int blockSize) : IReadOnlyList<int>
{
    private readonly int _blockSize = blockSize;
    private readonly int[] _tokens = new int[maxCount];

    public int Count { get; private set; }

    public int this[int index] => _tokens[index];

    /// <summary>Makes a prompt.</summary>
    /// <param name="keys">Names of its full blocks.</param>
    /// <param name="index">The request's place in the trace, for the partly filled block, which is nobody else's.</param>
    /// <param name="count">Tokens.</param>
    public void Fill(ReadOnlySpan<BlockKey> keys, int index, int count)
    {
        Count = count;
        for (int start = 0; start < count; start += _blockSize)
        {
            int block = start / _blockSize;
            ulong name = (block < keys.Length ? keys[block] : PromptBlocks.OwnKey(index, block)).Value;
            Span<int> tokens = _tokens.AsSpan(start, Math.Min(_blockSize, count - start));

            // The first two name the block whole; the rest are filler.
            for (int i = 0; i < tokens.Length; i++)
            {
                tokens[i] = (int)name + i;
            }

            if (tokens.Length > 1)
            {
                tokens[1] = (int)(name >> 32);
            }
        }
    }

    /// <summary>Adds a token of output.</summary>
    public void Append(int token) => _tokens[Count++] = token;

    /// <summary>What an engine and its router call the prompt's full blocks.</summary>
    public BlockKey[] BlockKeys()
    {
        BlockKey[] keys = new BlockKey[Count / _blockSize];
        SequenceHash parent = BlockHasher.Root("");
        for (int block = 0; block < keys.Length; block++)
        {
            parent = BlockHasher.Chain(parent, _tokens.AsSpan(block * _blockSize, _blockSize));
            keys[block] = parent.Key;
        }

        return keys;
    }

    public IEnumerator<int> GetEnumerator() => _tokens.Take(Count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
