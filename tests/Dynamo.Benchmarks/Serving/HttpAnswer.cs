using System.Globalization;
using System.Text;

namespace Dynamo.Benchmarks.Serving;

/// <summary>An answer taken apart.</summary>
/// <param name="Status">200 and the like.</param>
/// <param name="Body">The body, without framing.</param>
/// <param name="Parts">Where the body's parts lie: its chunks, or the whole.</param>
internal sealed record HttpAnswer(int Status, byte[] Body, IReadOnlyList<HttpPart> Parts)
{
    private const int StatusOffset = 9; // behind "HTTP/1.1 "

    /// <summary>Takes a whole answer apart.</summary>
    /// <exception cref="BenchmarkFault">It is not HTTP/1.1, or its framing is broken.</exception>
    public static HttpAnswer Parse(byte[] bytes)
    {
        int head = bytes.AsSpan().IndexOf(MessageEnd.HeadEnd) + MessageEnd.HeadEnd.Length;
        if (head < MessageEnd.HeadEnd.Length || !int.TryParse(Encoding.ASCII.GetString(bytes, StatusOffset, 3), out int status))
        {
            throw new BenchmarkFault($"this is no HTTP answer: {Encoding.Latin1.GetString(bytes, 0, Math.Min(80, bytes.Length))}");
        }

        bool isChunked = Encoding.ASCII.GetString(bytes, 0, head).Contains("transfer-encoding: chunked\r\n", StringComparison.OrdinalIgnoreCase);
        return isChunked ? ReadChunks(status, bytes, head) : new HttpAnswer(status, bytes[head..], [new HttpPart(0, head, bytes.Length, bytes.Length)]);
    }

    /// <summary>Where a byte of the body lies in the answer.</summary>
    public int RawIndexOf(int bodyIndex)
    {
        int part = 0;
        while (part + 1 < Parts.Count && Parts[part + 1].BodyStart <= bodyIndex)
        {
            part++;
        }

        return Parts[part].DataStart + bodyIndex - Parts[part].BodyStart;
    }

    private static HttpAnswer ReadChunks(int status, byte[] bytes, int position)
    {
        List<HttpPart> parts = [];
        using MemoryStream body = new(bytes.Length);
        while (true)
        {
            int line = bytes.AsSpan(position).IndexOf("\r\n"u8);
            if (line < 0 || !int.TryParse(bytes.AsSpan(position, line), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int size))
            {
                throw new BenchmarkFault($"at byte {position} of an answer should be the size of a chunk.");
            }

            int data = position + line + 2;
            if (data + size + 2 > bytes.Length || !bytes.AsSpan(data + size, 2).SequenceEqual("\r\n"u8))
            {
                throw new BenchmarkFault($"the chunk of {size} bytes at byte {position} of an answer does not end.");
            }

            position = data + size + 2;
            if (size == 0)
            {
                return position == bytes.Length
                    ? new HttpAnswer(status, body.ToArray(), parts)
                    : throw new BenchmarkFault($"{bytes.Length - position} bytes came behind the last chunk of an answer.");
            }

            parts.Add(new HttpPart((int)body.Length, data, data + size, position));
            body.Write(bytes, data, size);
        }
    }
}
