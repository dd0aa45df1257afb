using System.Text.Json;

namespace Dynamo.Protocol.Models;

/// <summary>
/// Reads the files of a model folder as hostile input: bounded in size and depth, every fault named. The files lie on disk, or in memory
/// where a worker sent them to a frontend that has no disk in common with it.
/// </summary>
public sealed class ModelFolder
{
    private readonly IReadOnlyDictionary<string, byte[]>? _files;

    /// <summary>A folder on disk.</summary>
    /// <param name="path">The folder. Hub snapshots link their files elsewhere, so links are followed.</param>
    public ModelFolder(string path) => Path = path;

    /// <summary>A folder whose files are already in memory.</summary>
    /// <param name="name">Name for messages.</param>
    /// <param name="files">Content by file name.</param>
    public ModelFolder(string name, IReadOnlyDictionary<string, byte[]> files)
    {
        Path = name;
        _files = files;
    }

    /// <summary>Largest JSON file read, in bytes. The largest published tokenizer.json is about 35 MB.</summary>
    public const long MaxJsonBytes = 128L << 20;

    /// <summary>Deepest nesting of a JSON file.</summary>
    public const int MaxJsonDepth = 64;

    /// <summary>The folder as given.</summary>
    public string Path { get; }

    /// <summary>Full path of a file of a folder on disk.</summary>
    /// <exception cref="ModelFolderException">The name leaves the folder.</exception>
    public string FullName(string file)
    {
        if (file.Length == 0 || System.IO.Path.IsPathRooted(file) || file.AsSpan().ContainsAny('\\', '\0') || file.Split('/').Contains(".."))
        {
            throw new ModelFolderException(file.Length == 0 ? "(no name)" : file, null, "is not a file name inside the model folder");
        }

        return System.IO.Path.Combine(Path, file);
    }

    /// <summary>Whether the folder has this file.</summary>
    public bool Has(string file) => _files is null ? File.Exists(FullName(file)) : _files.ContainsKey(file);

    /// <summary>Files of a folder inside this one, by their names here, sorted; none when there is no such folder.</summary>
    /// <param name="folder">Name of the inner folder.</param>
    /// <param name="extension">What their names end with.</param>
    /// <exception cref="ModelFolderException">The inner folder cannot be read.</exception>
    public IReadOnlyList<string> List(string folder, string extension)
    {
        try
        {
            IEnumerable<string> files = _files is not null ? _files.Keys.Where(file => file.StartsWith(folder + "/", StringComparison.Ordinal))
                : Directory.Exists(FullName(folder)) ? Directory.EnumerateFiles(FullName(folder)).Select(file => $"{folder}/{System.IO.Path.GetFileName(file)}")
                : [];
            return [.. files.Where(file => file.EndsWith(extension, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException(folder, null, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a whole file, at most <paramref name="maxBytes"/>.</summary>
    /// <exception cref="ModelFolderException">Missing, unreadable or larger than allowed.</exception>
    public byte[] ReadBytes(string file, long maxBytes)
    {
        if (_files is not null)
        {
            return !_files.TryGetValue(file, out byte[]? content) ? throw new ModelFolderException(file, null, $"is not among the files of {Path}")
                : content.Length > maxBytes ? throw TooLarge(file, content.Length, maxBytes)
                : content;
        }

        try
        {
            // Asked before it is opened: opening a pipe would wait for a writer. Pipes and devices have no length.
            string path = FullName(file);
            if (new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path).Length == 0)
            {
                throw new ModelFolderException(file, null, "is empty or not a regular file");
            }

            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            if (stream.Length > maxBytes)
            {
                throw TooLarge(file, stream.Length, maxBytes);
            }

            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFolderException(file, null, $"is not in the folder {Path}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ModelFolderException(file, null, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Parses a JSON file whose root is an object. The caller disposes the document.</summary>
    /// <exception cref="ModelFolderException">Missing, too large, not JSON, or not an object.</exception>
    public JsonDocument ReadJson(string file, long maxBytes = MaxJsonBytes) => ParseJson(file, ReadBytes(file, maxBytes));

    /// <summary>Parses bytes that came from <paramref name="file"/> (for the message) as one JSON object.</summary>
    /// <exception cref="ModelFolderException">Not JSON, or not an object.</exception>
    public static JsonDocument ParseJson(string file, ReadOnlyMemory<byte> utf8)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxJsonDepth });
        }
        catch (JsonException e)
        {
            throw new ModelFolderException(file, null, $"is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine}, at most {MaxJsonDepth} levels)", e);
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            JsonValueKind kind = document.RootElement.ValueKind;
            document.Dispose();
            throw new ModelFolderException(file, null, $"must be a JSON object, is {kind}");
        }

        return document;
    }

    private static ModelFolderException TooLarge(string file, long length, long maxBytes) =>
        new(file, null, $"is {length:N0} bytes; at most {maxBytes:N0} are read");
}
