using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Dynamo.Protocol.KV;

/// <summary>Hashes of KV blocks. Equal on every silo for equal tokens and salt: XXH3-128 over little-endian u32 tokens.</summary>
public static class BlockHasher
{
    /// <summary>The parent of the first block of a sequence: depends on the tenant's salt only, so tenants never share blocks.</summary>
    /// <param name="salt">Salt, empty for the common tenant.</param>
    public static SequenceHash Root(string salt) => new(XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(salt)));

    /// <summary>Chained identity of a full block: the hash of the parent's 16 bytes followed by the block's tokens.</summary>
    public static SequenceHash Chain(SequenceHash parent, ReadOnlySpan<int> tokens)
    {
        Span<byte> bytes = stackalloc byte[16 + (MaxStackTokens * sizeof(int))];
        bytes = tokens.Length <= MaxStackTokens ? bytes[..(16 + (tokens.Length * sizeof(int)))] : new byte[16 + (tokens.Length * sizeof(int))];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, parent.Value);
        Write(tokens, bytes[16..]);
        return new SequenceHash(XxHash128.HashToUInt128(bytes));
    }

    private const int MaxStackTokens = 256;

    private static void Write(ReadOnlySpan<int> tokens, Span<byte> bytes)
    {
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(tokens).CopyTo(bytes);
            return;
        }

        for (int i = 0; i < tokens.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(i * sizeof(int))..], tokens[i]);
        }
    }
}
