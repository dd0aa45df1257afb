using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dynamo.Simulation.Traces;

/// <summary>
/// Mooncake's format (kvcache-ai/Mooncake, FAST25-release/traces): one JSON object a line with <c>timestamp</c> in milliseconds,
/// <c>input_length</c>, <c>output_length</c> and <c>hash_ids</c>.
/// </summary>
internal static partial class MooncakeTrace
{
    // 31 years.
    private const long MaxTimestamp = 1_000_000_000_000;

    public static List<TraceRequest> Read(TextReader text, int blockSize)
    {
        List<TraceRequest> requests = [];
        for (int line = 1; text.ReadLine() is { } row; line++)
        {
            if (!string.IsNullOrWhiteSpace(row))
            {
                requests.Add(Parse(row, line, blockSize));
            }
        }

        return requests;
    }

    private static TraceRequest Parse(string row, int line, int blockSize)
    {
        Row? read;
        try
        {
            read = JsonSerializer.Deserialize(row, RowContext.Default.Row);
        }
        catch (JsonException e)
        {
            string what = e.Path is { Length: > 2 } path ? $"'{path[2..]}'" : "it";
            throw new TraceException($"line {line} is not a request: {what} cannot be read, near byte {e.BytePositionInLine}.", e);
        }

        if (read is not { InputLength: >= 0, OutputLength: >= 0, Timestamp: >= 0 and <= MaxTimestamp, Blocks: not null })
        {
            throw new TraceException($"line {line} needs timestamp (milliseconds, 0 to {MaxTimestamp}), input_length, output_length and hash_ids.");
        }

        long numBlocks = ((long)read.InputLength + blockSize - 1) / blockSize;
        return read.Blocks.Length == numBlocks
            ? new TraceRequest(read.Timestamp.Value, read.InputLength.Value, read.OutputLength.Value, read.Blocks)
            : throw new TraceException(
                $"line {line} has {read.Blocks.Length} hash_ids; {read.InputLength} tokens are {numBlocks} blocks of {blockSize}: is the trace's block size another?");
    }

    internal sealed class Row
    {
        [JsonPropertyName("timestamp")]
        public double? Timestamp { get; set; }

        [JsonPropertyName("input_length")]
        public int? InputLength { get; set; }

        [JsonPropertyName("output_length")]
        public int? OutputLength { get; set; }

        [JsonPropertyName("hash_ids")]
        public long[]? Blocks { get; set; }
    }

    [JsonSerializable(typeof(Row))]
    internal sealed partial class RowContext : JsonSerializerContext;
}
