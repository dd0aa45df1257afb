using System.Buffers.Binary;
using System.Text;

namespace Dynamo.Protocol.Wire;

/// <summary>
/// Reads what <see cref="WireWriter"/> wrote, from bytes that anybody may have sent: every read is checked against what is left, and a
/// length is believed only when as many elements can still follow, so a short message never makes a large array.
/// </summary>
/// <remarks>Every method throws <see cref="WireFormatException"/> when the bytes do not fit.</remarks>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>One byte.</summary>
    public byte ReadByte() => Take(1)[0];

    /// <summary>A varint of at most 64 bits.</summary>
    public ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = ReadByte();
            if (shift == 63 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Fault("a varint of more than 64 bits");
    }

    /// <summary>A 32-bit integer.</summary>
    public int ReadInt32()
    {
        ulong value = ReadVarint();
        return value <= uint.MaxValue ? (int)(uint)value : throw Fault($"{value} where a 32-bit integer belongs");
    }

    /// <summary>A 64-bit integer.</summary>
    public long ReadInt64() => (long)ReadVarint();

    /// <summary>8 bytes.</summary>
    public ulong ReadFixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>16 bytes.</summary>
    public Guid ReadGuid() => new(Take(16), bigEndian: true);

    /// <summary>4 bytes.</summary>
    public float ReadSingle() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    /// <summary>A byte that must be 0 or 1.</summary>
    public bool ReadBoolean() => ReadByte() switch
    {
        0 => false,
        1 => true,
        byte other => throw Fault($"{other} where 0 or 1 belongs"),
    };

    /// <summary>UTF-8 behind its length.</summary>
    public string ReadString()
    {
        ReadOnlySpan<byte> utf8 = Take(ReadCount(1));
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw Fault("a string that is not UTF-8");
        }
    }

    /// <summary>Bytes behind their length.</summary>
    public byte[] ReadBytes() => Take(ReadCount(1)).ToArray();

    /// <summary>Integers behind their count.</summary>
    public int[] ReadInt32List()
    {
        int count = ReadCount(1);
        int[] values = count == 0 ? [] : new int[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ReadInt32();
        }

        return values;
    }

    /// <summary>The count of a list whose elements take at least <paramref name="minElementBytes"/> bytes each.</summary>
    public int ReadCount(int minElementBytes)
    {
        ulong count = ReadVarint();
        return count <= (ulong)(Remaining / minElementBytes)
            ? (int)count
            : throw Fault($"a length of {count} with {Remaining} bytes left");
    }

    /// <summary>An error at the current place, for values that read well but mean nothing.</summary>
    public readonly WireFormatException Fault(string what) => new($"Byte {_position} of {_bytes.Length}: {what}.");

    /// <summary>Refuses bytes behind the end of the message.</summary>
    public readonly void ExpectEnd()
    {
        if (Remaining != 0)
        {
            throw Fault($"{Remaining} bytes behind the end of the message");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Remaining < count)
        {
            throw Fault($"{count} bytes wanted, {Remaining} left");
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(_position, count);
        _position += count;
        return taken;
    }
}
