using System.Text;
using Dynamo.Cli.Bench;
using Dynamo.UnitTests.Engine.Mock;
using Xunit;

namespace Dynamo.UnitTests.Cli.Bench;

public sealed class StreamMeterTests
{
    private const string Usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3},\"nvext\":{\"worker_id\":4}}\n\n";
    private const string Done = "data: [DONE]\n\n";

    [Fact]
    public async Task Times_AreThoseOfTheReadsThatCompleteEvents()
    {
        // At 10 and every 10 ms after it a read; the second event is whole with the third read.
        RequestRecord record = await ReadAsync(Text("a"), Text("b")[..9], Text("b")[9..], Text("c") + End(), Usage + Done);

        Assert.Null(record.Failure);
        Assert.Equal((10, 40), (record.First!.Value.TotalMilliseconds, record.Last.TotalMilliseconds));
        Assert.Equal([20f, 10f], record.Gaps);
        Assert.Equal((3, 3, "4"), (record.NumPieces, record.NumOutputTokens, record.Worker));
    }

    [Fact]
    public async Task PiecesOfOneRead_HaveOneTime()
    {
        RequestRecord record = await ReadAsync(Text("a") + Text("b"), Done);

        Assert.Equal([0f], record.Gaps);
        Assert.Equal(2, record.NumOutputTokens);
    }

    [Fact]
    public async Task AnswerWithoutText_IsTimedByItsEnd()
    {
        RequestRecord record = await ReadAsync(": keep-alive\n\n", End() + Usage + Done);

        Assert.Null(record.Failure);
        Assert.Equal((20, 20), (record.First!.Value.TotalMilliseconds, record.Last.TotalMilliseconds));
    }

    [Theory]
    [InlineData("", "broken_stream", "the stream ended without [DONE], after 1 pieces")]
    [InlineData("data: {\"error\":{\"message\":\"worker lost\"}}\n\ndata: [DONE]\n\n", "error_event", "worker lost")]
    public async Task StreamThatDoesNotEndWell_IsAFailure(string end, string failure, string error)
    {
        RequestRecord record = await ReadAsync(Text("a"), end);

        Assert.Equal((failure, error), (record.Failure, record.Error));
    }

    [Fact]
    public async Task NothingButDone_IsAFailure() => Assert.Equal("empty_stream", (await ReadAsync(Done)).Failure);

    private static string Text(string text) => $"data: {{\"choices\":[{{\"text\":\"{text}\",\"finish_reason\":null}}]}}\n\n";

    private static string End() => "data: {\"choices\":[{\"text\":\"\",\"finish_reason\":\"length\"}]}\n\n";

    private static async Task<RequestRecord> ReadAsync(params string[] reads)
    {
        VirtualStepClock clock = new();
        RequestRecord record = new(0, TimeSpan.Zero, TimeSpan.Zero, 3);
        using ReadsStream stream = new(reads.Where(static read => read.Length > 0), clock);
        await new StreamMeter(record, clock).ReadAsync(stream, default);
        return record;
    }

    /// <summary>Gives a text with each read, 10 ms after the one before.</summary>
    private sealed class ReadsStream(IEnumerable<string> reads, VirtualStepClock clock) : MemoryStream
    {
        private readonly Queue<byte[]> _reads = new(reads.Select(Encoding.UTF8.GetBytes));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            clock.Advance(TimeSpan.FromMilliseconds(10));
            if (!_reads.TryDequeue(out byte[]? read))
            {
                return ValueTask.FromResult(0);
            }

            read.CopyTo(buffer);
            return ValueTask.FromResult(read.Length);
        }
    }
}
