using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Dynamo.Protocol.Wire;

/// <summary>
/// Writes one message into a pooled buffer. Integers are LEB128 varints (a negative <see cref="int"/> takes 5 bytes), identities and hashes
/// are fixed little-endian, lists and strings carry their length first. Dispose gives the buffer back.
/// </summary>
public ref struct WireWriter : IDisposable
{
    private const int MaxVarintBytes = 10;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(256);
    private int _length;

    /// <summary>Starts an empty message.</summary>
    public WireWriter()
    {
    }

    /// <summary>The bytes so far; valid until the next write.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <inheritdoc/>
    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>One byte.</summary>
    public void WriteByte(byte value)
    {
        Reserve(1)[0] = value;
        _length++;
    }

    /// <summary>1 to 10 bytes.</summary>
    public void WriteVarint(ulong value)
    {
        Span<byte> span = Reserve(MaxVarintBytes);
        int n = 0;
        while (value >= 0x80)
        {
            span[n++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[n++] = (byte)value;
        _length += n;
    }

    /// <summary>A 32-bit integer, short when small and not negative.</summary>
    public void WriteInt32(int value) => WriteVarint((uint)value);

    /// <summary>A 64-bit integer, short when small and not negative.</summary>
    public void WriteInt64(long value) => WriteVarint((ulong)value);

    /// <summary>8 bytes.</summary>
    public void WriteFixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        _length += 8;
    }

    /// <summary>16 bytes, in the order of the written form.</summary>
    public void WriteGuid(Guid value)
    {
        value.TryWriteBytes(Reserve(16), bigEndian: true, out _);
        _length += 16;
    }

    /// <summary>4 bytes; every bit pattern comes back as it was.</summary>
    public void WriteSingle(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(Reserve(4), value);
        _length += 4;
    }

    /// <summary>UTF-8 behind its length in bytes.</summary>
    public void WriteString(string value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        WriteVarint((uint)bytes);
        Encoding.UTF8.GetBytes(value, Reserve(bytes));
        _length += bytes;
    }

    /// <summary>Bytes behind their length.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteVarint((uint)value.Length);
        value.CopyTo(Reserve(value.Length));
        _length += value.Length;
    }

    /// <summary>Integers behind their count.</summary>
    public void WriteInt32List(IReadOnlyList<int> values)
    {
        WriteVarint((uint)values.Count);
        switch (values)
        {
            case int[] array:
                WriteAll(array);
                break;
            case List<int> list:
                WriteAll(CollectionsMarshal.AsSpan(list));
                break;
            default:
                for (int i = 0; i < values.Count; i++)
                {
                    WriteInt32(values[i]);
                }

                break;
        }
    }

    private void WriteAll(ReadOnlySpan<int> values)
    {
        foreach (int value in values)
        {
            WriteInt32(value);
        }
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Grow(count);
        }

        return _buffer.AsSpan(_length);
    }

    private void Grow(int count)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(_length * 2, _length + count)));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
