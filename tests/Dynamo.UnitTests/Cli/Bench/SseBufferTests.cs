using System.Text;
using Dynamo.Cli.Bench;
using Xunit;

namespace Dynamo.UnitTests.Cli.Bench;

public sealed class SseBufferTests
{
    private const string Stream = "data: {\"a\":1}\nid: 0.5\n\n: keep-alive\n\nevent: x\r\ndata:two\r\ndata:  lines\r\n\r\nretry: 5\n\ndata\n\ndatum: no\n\ndata: ä\rdata\r\rdata: [DONE]\n\ndata: cut off\n";

    private static readonly string[] Events = ["{\"a\":1}", "two\n lines", "", "ä\n", "[DONE]"];

    [Fact]
    public void EventsOfOneRead_AreCutApart() => Assert.Equal(Events, Read(Encoding.UTF8.GetBytes(Stream)));

    [Fact]
    public void SplitAtEveryByte_GivesTheSame()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Stream);
        for (int i = 1; i < bytes.Length; i++)
        {
            Assert.Equal(Events, Read(bytes[..i], bytes[i..]));
        }
    }

    [Fact]
    public void ByteByByte_GivesTheSame() => Assert.Equal(Events, Read([.. Encoding.UTF8.GetBytes(Stream).Select(static b => new[] { b })]));

    [Fact]
    public void EventLargerThanTheBuffer_IsKeptWhole()
    {
        string large = new('x', 100_000);

        Assert.Equal([large, "after"], Read([.. Encoding.UTF8.GetBytes($"data: {large}\n\ndata: after\n\n").Chunk(1000)]));
    }

    private static List<string> Read(params ReadOnlySpan<byte[]> reads)
    {
        List<string> events = [];
        using SseBuffer buffer = new(16);
        foreach (byte[] read in reads)
        {
            for (ReadOnlySpan<byte> rest = read; rest.Length > 0;)
            {
                Span<byte> room = buffer.Room().Span;
                int length = Math.Min(room.Length, rest.Length);
                rest[..length].CopyTo(room);
                rest = rest[length..];
                buffer.Advance(length);
                while (buffer.TryRead(out ReadOnlySpan<byte> data))
                {
                    events.Add(Encoding.UTF8.GetString(data));
                }
            }
        }

        return events;
    }
}
