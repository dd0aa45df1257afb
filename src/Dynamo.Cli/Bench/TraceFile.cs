using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dynamo.Cli.Bench;

/// <summary>
/// Reads a trace in Mooncake's format (kvcache-ai/Mooncake, FAST25-release/traces), plain or <c>.gz</c>: one JSON object a line with
/// <c>timestamp</c> in milliseconds, <c>input_length</c>, <c>output_length</c> and <c>hash_ids</c>.
/// </summary>
internal static partial class TraceFile
{
    /// <summary>Reads a whole file.</summary>
    /// <exception cref="CommandFault">It cannot be read; names the line.</exception>
    public static List<TraceRequest> Read(string path, int blockSize)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using Stream plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using StreamReader text = new(plain);
            return Read(text, blockSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            throw new CommandFault($"--trace {path}: {e.Message}", e);
        }
    }

    /// <summary>Reads lines to the end.</summary>
    /// <exception cref="FormatException">A line is no request, or none is there.</exception>
    public static List<TraceRequest> Read(TextReader text, int blockSize)
    {
        List<TraceRequest> requests = [];
        for (int line = 1; text.ReadLine() is { } row; line++)
        {
            if (row.Length == 0)
            {
                continue;
            }

            TraceRequest request = Parse(row, line, blockSize);
            if (requests.Count > 0 && request.ArrivalMilliseconds < requests[^1].ArrivalMilliseconds)
            {
                throw new FormatException($"line {line} arrives before the one above it.");
            }

            requests.Add(request);
        }

        return requests.Count > 0 ? requests : throw new FormatException("it has no requests.");
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
            throw new FormatException($"line {line} is not a request: {e.Message}", e);
        }

        if (read is not { InputLength: > 0, OutputLength: > 0, Timestamp: >= 0, Blocks: not null })
        {
            throw new FormatException($"line {line} needs timestamp of at least 0, input_length and output_length above 0, and hash_ids.");
        }

        int numBlocks = (read.InputLength + blockSize - 1) / blockSize;
        return read.Blocks.Length == numBlocks
            ? new TraceRequest(read.Timestamp, read.InputLength, read.OutputLength, read.Blocks)
            : throw new FormatException(
                $"line {line} has {read.Blocks.Length} hash_ids; {read.InputLength} tokens are {numBlocks} blocks of {blockSize}: is --trace-block-size another?");
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
