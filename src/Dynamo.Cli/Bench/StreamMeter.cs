using System.Text.Json;
using Dynamo.Engine.Mock;

namespace Dynamo.Cli.Bench;

/// <summary>Reads one streamed answer to its end and notes when its pieces came. Time is read once for all that one read of the connection brings.</summary>
internal sealed class StreamMeter(RequestRecord record, IStepClock clock)
{
    private bool _isDone;

    /// <summary>Reads to the end of the stream; one that ends too early is a failure in the record.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="JsonException">An event is no chunk.</exception>
    public async Task ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using SseBuffer buffer = new();
        int numRead;
        while ((numRead = await stream.ReadAsync(buffer.Room(), cancellationToken)) > 0)
        {
            TimeSpan now = clock.Now;
            buffer.Advance(numRead);
            Take(buffer, now);
        }

        if (!_isDone && record.Failure is null)
        {
            record.Fail("broken_stream", $"the stream ended without [DONE], after {record.NumPieces} pieces");
        }
        else if (record is { First: null, Failure: null })
        {
            record.Fail("empty_stream", "the stream brought no text and no end of the answer");
        }
    }

    private void Take(SseBuffer buffer, TimeSpan now)
    {
        while (buffer.TryRead(out ReadOnlySpan<byte> data))
        {
            if (data.SequenceEqual("[DONE]"u8))
            {
                _isDone = true;
                continue;
            }

            Chunk chunk = ChunkReader.Read(data);
            if (chunk.HasText || chunk.IsEnd)
            {
                record.Add(now, chunk.HasText);
            }

            record.Usage = chunk.Usage ?? record.Usage;
            record.Worker = chunk.Worker ?? record.Worker;
            record.NumOverlapTokens = chunk.NumOverlapTokens ?? record.NumOverlapTokens;
            if (chunk.Error is { } error && record.Failure is null)
            {
                record.Fail("error_event", error);
            }
        }
    }
}
