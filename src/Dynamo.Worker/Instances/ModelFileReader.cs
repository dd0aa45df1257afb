using System.Text;
using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.Models;
using Dynamo.Worker.Engines;

namespace Dynamo.Worker.Instances;

/// <summary>Reads the text files of the served model's folder for frontends, which have no disk in common with this silo. Thread-safe.</summary>
internal sealed class ModelFileReader(WorkerOptions options)
{
    private static readonly string[] Names =
    [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.json",
    ];

    private readonly ModelFolder _folder = new(options.Load.ModelPath);

    // Takes the place of all templates of the folder.
    private readonly byte[]? _template = options.ChatTemplate is { } template ? Encoding.UTF8.GetBytes(template) : null;

    /// <summary>Files that a frontend needs; nothing else of the folder is given out.</summary>
    private IEnumerable<string> Offered => Names.Where(_folder.Has).Concat(_template is null ? ModelTemplates.Files(_folder) : [ModelTemplates.DefaultFile]);

    /// <summary>Those that exist.</summary>
    /// <exception cref="ModelFolderException">One is larger than is read.</exception>
    public ModelFileEntry[] List()
    {
        List<ModelFileEntry> entries = [];
        foreach (string name in Offered)
        {
            long length = IsGiven(name) ? _template!.Length : new FileInfo(File.ResolveLinkTarget(_folder.FullName(name), returnFinalTarget: true)?.FullName ?? _folder.FullName(name)).Length;
            entries.Add(length is > 0 and <= ModelFolder.MaxJsonBytes
                ? new ModelFileEntry(name, (int)length)
                : throw new ModelFolderException(name, null, $"is {length:N0} bytes; 1 to {ModelFolder.MaxJsonBytes:N0} are read"));
        }

        return [.. entries];
    }

    /// <summary>Reads a part.</summary>
    /// <exception cref="ArgumentException">The name is not one that is given out.</exception>
    public async Task<byte[]> ReadAsync(string name, int offset)
    {
        string[] offered = [.. Offered];
        if (!offered.Contains(name))
        {
            throw new ArgumentException($"'{name}' is not among {string.Join(", ", offered)}.", nameof(name));
        }

        if (IsGiven(name))
        {
            return _template.AsSpan(offset, Math.Min(ModelFileEntry.ChunkBytes, _template!.Length - offset)).ToArray();
        }

        await using FileStream stream = new(_folder.FullName(name), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.Asynchronous);
        stream.Position = offset;
        byte[] chunk = new byte[ModelFileEntry.ChunkBytes];
        int count = await stream.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false);
        return count == chunk.Length ? chunk : chunk[..count];
    }

    private bool IsGiven(string name) => _template is not null && name == ModelTemplates.DefaultFile;
}
