using System.Buffers;

namespace Dynamo.Cli.Bench;

/// <summary>
/// Server-sent events, cut out of a buffer where the bytes arrived: no copy and no allocation for an event in one line. Only data is kept; comments,
/// names and ids are passed over, and an event that the end of the stream cuts off is none (WHATWG HTML, 9.2.6). Not thread-safe.
/// </summary>
internal sealed class SseBuffer(int capacity = 4096) : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    // Where the unread bytes end, where the line begins that is being read, how far it was searched for its end.
    private int _end;
    private int _line;
    private int _searched;

    // Data of the event that is being read: gathered in place, in front of its line. No data: -1.
    private int _dataStart = -1;
    private int _dataEnd;
    private bool _isLineFeedDue;

    private static ReadOnlySpan<byte> Field => "data"u8;

    /// <summary>Room for what comes next. Ends the life of what <see cref="TryRead"/> returned.</summary>
    public Memory<byte> Room()
    {
        int kept = _dataStart < 0 ? _line : _dataStart;
        if (kept > 0)
        {
            _bytes.AsSpan(kept, _end - kept).CopyTo(_bytes);
            _end -= kept;
            _line -= kept;
            _searched -= kept;
            _dataEnd -= kept;
            _dataStart = _dataStart < 0 ? -1 : 0;
        }

        if (_bytes.Length - _end < _bytes.Length / 4)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
            _bytes.CopyTo(larger, 0);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsMemory(_end);
    }

    /// <summary>Says how much of the room was filled.</summary>
    public void Advance(int numBytes) => _end += numBytes;

    /// <summary>The data of the next event that is there whole; valid until <see cref="Room"/>.</summary>
    public bool TryRead(out ReadOnlySpan<byte> data)
    {
        while (true)
        {
            if (_isLineFeedDue && _line < _end)
            {
                _isLineFeedDue = false;
                _line += _bytes[_line] == (byte)'\n' ? 1 : 0;
                _searched = _line;
            }

            int length = _bytes.AsSpan(_searched, _end - _searched).IndexOfAny((byte)'\n', (byte)'\r');
            if (length < 0)
            {
                _searched = _end;
                data = default;
                return false;
            }

            int lineStart = _line;
            int lineEnd = _searched + length;
            _isLineFeedDue = _bytes[lineEnd] == (byte)'\r';
            _line = _searched = lineEnd + 1;
            if (lineStart < lineEnd)
            {
                AddLine(lineStart, lineEnd);
            }
            else if (_dataStart >= 0)
            {
                data = _bytes.AsSpan(_dataStart, _dataEnd - _dataStart);
                _dataStart = -1;
                return true;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void AddLine(int start, int end)
    {
        ReadOnlySpan<byte> line = _bytes.AsSpan(start, end - start);
        if (!line.StartsWith(Field) || (line.Length > Field.Length && line[Field.Length] != (byte)':'))
        {
            return;
        }

        int value = Math.Min(start + Field.Length + 1, end);
        value += value < end && _bytes[value] == (byte)' ' ? 1 : 0;
        if (_dataStart < 0)
        {
            _dataStart = value;
            _dataEnd = end;
            return;
        }

        // Further lines move up behind the first; the field's name makes room for the line feed between them.
        _bytes[_dataEnd++] = (byte)'\n';
        _bytes.AsSpan(value, end - value).CopyTo(_bytes.AsSpan(_dataEnd));
        _dataEnd += end - value;
    }
}
