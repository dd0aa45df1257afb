using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dynamo.Simulation.Traces;

/// <summary>
/// Mooncake's format (kvcache-ai/Mooncake, FAST25-release/traces): one JSON object a line with <c>timestamp</c> in milliseconds,
/// <c>input_length</c>, <c>output_length</c> and <c>hash_ids</c>.
/// </summary>
internal static partial class MooncakeTrace
{
    public static List<TraceRequest> Read(TextReader text, int blockSize)
    {
        List<TraceRequest> requests = [];
        for (int line = 1; text.ReadLine() is { } row; line++)
        {
            if (row.Length > 0)
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
            throw new TraceException($"line {line} is not a request: {e.Message}", e);
        }

        if (read is not { InputLength: > 0, OutputLength: > 0, Timestamp: >= 0, Blocks: not null })
        {
            throw new TraceException($"line {line} needs timestamp of at least 0, input_length and output_length above 0, and hash_ids.");
        }

        int numBlocks = (read.InputLength + blockSize - 1) / blockSize;
        return read.Blocks.Length == numBlocks
            ? new TraceRequest(read.Timestamp, read.InputLength, read.OutputLength, read.Blocks)
            : throw new TraceException(
                $"line {line} has {read.Blocks.Length} hash_ids; {read.InputLength} tokens are {numBlocks} blocks of {blockSize}: is the trace's block size another?");
    }

    internal sealed class Row
    {
        [JsonPropertyName("timestamp")]
        public double Timestamp { get; set; }

        [JsonPropertyName("input_length")]
        public int InputLength { get; set; }

        [JsonPropertyName("output_length")]
        public int OutputLength { get; set; }

        [JsonPropertyName("hash_ids")]
        public long[]? Blocks { get; set; }
    }

    [JsonSerializable(typeof(Row))]
    internal sealed partial class RowContext : JsonSerializerContext;
}
