using System.Runtime.InteropServices;

namespace Dynamo.Protocol.KV;

/// <summary>Makes the keys of a prompt.</summary>
public static class BlockKeys
{
    /// <summary>Keys of the full blocks of some tokens, first to last.</summary>
    /// <param name="tokens">Tokens from the first on.</param>
    /// <param name="salt">The tenant's salt.</param>
    /// <param name="blockSize">Tokens of a block, at least 1.</param>
    public static BlockKey[] Of(List<int> tokens, string salt, int blockSize)
    {
        ReadOnlySpan<int> all = CollectionsMarshal.AsSpan(tokens);
        BlockKey[] keys = new BlockKey[all.Length / blockSize];
        SequenceHash parent = BlockHasher.Root(salt);
        for (int i = 0; i < keys.Length; i++)
        {
            parent = BlockHasher.Chain(parent, all.Slice(i * blockSize, blockSize));
            keys[i] = parent.Key;
        }

        return keys;
    }
}
