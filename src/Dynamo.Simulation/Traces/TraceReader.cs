using System.IO.Compression;

namespace Dynamo.Simulation.Traces;

/// <summary>Reads request traces: Mooncake's (<c>.jsonl</c>) and Azure's (<c>.csv</c>), plain or <c>.gz</c>.</summary>
public static class TraceReader
{
    /// <summary>See <see cref="Read(string, int, out int)"/>.</summary>
    public static IReadOnlyList<TraceRequest> Read(string path, int traceBlockSize) => Read(path, traceBlockSize, out _);

    /// <summary>Reads a file whole.</summary>
    /// <param name="path">The file; its name says which format.</param>
    /// <param name="traceBlockSize">Tokens of a block of the trace.</param>
    /// <param name="numEmpty">Requests without prompt or without output, which are left out: there is nothing to serve.</param>
    /// <returns>At least one request, in order of arrival; those of one moment as in the file.</returns>
    /// <exception cref="TraceException">The name fits no format, or the content is damaged.</exception>
    public static IReadOnlyList<TraceRequest> Read(string path, int traceBlockSize, out int numEmpty)
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
            List<TraceRequest> read = isCsv ? AzureTrace.Read(text) : MooncakeTrace.Read(text, traceBlockSize);
            TraceRequest[] requests = [.. read.Where(static request => request is { InputLength: > 0, OutputLength: > 0 }).OrderBy(static request => request.ArrivalMilliseconds)];
            numEmpty = read.Count - requests.Length;
            return requests.Length > 0 ? requests
                : throw new TraceException(read.Count == 0 ? "it has no requests." : $"all of its {read.Count} requests lack a prompt or an output.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or TraceException)
        {
            throw new TraceException($"Trace {path}: {e.Message}", e);
        }
    }
}
