using System.Globalization;
using System.Text;

namespace Dynamo.Benchmarks.Serving;

/// <summary>Finds the end of an HTTP message that comes in pieces, and nothing else of it. Start a new one for each.</summary>
internal struct MessageEnd
{
    private const string LengthName = "content-length:";
    private const string ChunkedName = "transfer-encoding: chunked";

    private int _headLength;
    private int _length;
    private bool _isChunked;

    /// <summary>The end of a head.</summary>
    public static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    /// <summary>Whether all of it is there.</summary>
    /// <param name="received">What has come so far, from the message's first byte.</param>
    /// <exception cref="BenchmarkFault">There is more than the message.</exception>
    public bool IsReached(ReadOnlySpan<byte> received)
    {
        if (_headLength == 0)
        {
            int end = received.IndexOf(HeadEnd);
            if (end < 0)
            {
                return false;
            }

            ReadHead(Encoding.ASCII.GetString(received[..end]), end + HeadEnd.Length);
        }

        // No data of ours has a carriage return, so this is no part of a chunk.
        return _isChunked
            ? received.EndsWith("\r\n0\r\n\r\n"u8)
            : received.Length <= _length ? received.Length == _length : throw new BenchmarkFault($"{received.Length - _length} bytes came behind the end of an HTTP message.");
    }

    private void ReadHead(string head, int headLength)
    {
        _headLength = headLength;
        _length = headLength;
        foreach (string line in head.Split("\r\n"))
        {
            if (line.StartsWith(LengthName, StringComparison.OrdinalIgnoreCase))
            {
                _length += int.Parse(line.AsSpan(LengthName.Length), CultureInfo.InvariantCulture);
            }

            _isChunked |= line.Equals(ChunkedName, StringComparison.OrdinalIgnoreCase);
        }
    }
}
