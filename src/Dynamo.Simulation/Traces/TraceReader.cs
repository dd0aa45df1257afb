using System.IO.Compression;

namespace Dynamo.Simulation.Traces;

/// <summary>Reads request traces: Mooncake's (<c>.jsonl</c>) and Azure's (<c>.csv</c>), plain or <c>.gz</c>.</summary>
public static class TraceReader
{
    /// <summary>Reads a file whole.</summary>
    /// <param name="path">The file; its name says which format.</param>
    /// <param name="traceBlockSize">Tokens of a block of the trace.</param>
    /// <exception cref="TraceException">The name fits no format, or the content is damaged.</exception>
    public static IReadOnlyList<TraceRequest> Read(string path, int traceBlockSize)
    {
        bool isZipped = path.EndsWith(".gz", StringComparison.Ordinal);
        string name = isZipped ? path[..^".gz".Length] : path;
        bool isCsv = name.EndsWith(".csv", StringComparison.Ordinal);
        if (!isCsv && !name.EndsWith(".jsonl", StringComparison.Ordinal))
        {
            throw new TraceException($"{path} is neither .jsonl (Mooncake) nor .csv (Azure), plain or .gz.");
        }

        try
        {
            using FileStream file = File.OpenRead(path);
            using Stream content = isZipped ? new GZipStream(file, CompressionMode.Decompress) : file;
            using StreamReader text = new(content);
            List<TraceRequest> requests = isCsv ? AzureTrace.Read(text) : MooncakeTrace.Read(text, traceBlockSize);
            return requests.Count > 0 ? requests : throw new TraceException("it has no requests.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or TraceException)
        {
            throw new TraceException($"Trace {path}: {e.Message}", e);
        }
    }
}
