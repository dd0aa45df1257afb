using Dynamo.Protocol.Models;
using Dynamo.Torch.Configuration;

namespace Dynamo.Torch.Weights;

/// <summary>One safetensors file, mapped read-only: weights of a model, one shard of them, or golden answers.</summary>
/// <remarks>Reading is safe from several threads; disposing is not while views are in use.</remarks>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MappedFile _mapping;
    private readonly Dictionary<string, SafetensorsHeader.Entry> _entries;

    private SafetensorsFile(string file, MappedFile mapping, List<SafetensorsHeader.Entry> entries)
    {
        File = file;
        _mapping = mapping;
        _entries = new Dictionary<string, SafetensorsHeader.Entry>(entries.Count, StringComparer.Ordinal);
        List<string> names = new(entries.Count);
        foreach (SafetensorsHeader.Entry entry in entries)
        {
            _entries.Add(entry.Name, entry);
            names.Add(entry.Name);
            TotalBytes += entry.End - entry.Begin;
            NumElements += entry.DType == TensorDType.Unknown ? 0 : (entry.End - entry.Begin) / entry.DType.Size();
        }

        Names = names;
    }

    /// <summary>Name relative to its folder, for messages.</summary>
    public string File { get; }

    /// <summary>Names of all tensors, in the order of their bytes.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Bytes of all tensors.</summary>
    public long TotalBytes { get; }

    /// <summary>Elements of all tensors whose type is known.</summary>
    public long NumElements { get; }

    /// <summary>Maps a file of a folder on disk and checks its header.</summary>
    /// <exception cref="ModelFolderException">Missing, truncated, lying, or too large a header.</exception>
    public static SafetensorsFile Open(ModelFolder folder, string file)
    {
        MappedFile mapping = MappedFile.Open(folder.FullName(file), file);
        try
        {
            ReadOnlySpan<byte> start = new(mapping.Address, (int)Math.Min(mapping.Length, SafetensorsHeader.MaxHeaderBytes + 8));
            List<SafetensorsHeader.Entry> entries = SafetensorsHeader.Parse(start, mapping.Length, file);
            return new SafetensorsFile(file, mapping, entries);
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file holds a tensor.</summary>
    public bool Has(string name) => _entries.ContainsKey(name);

    /// <summary>Element type of a tensor that the file holds.</summary>
    public TensorDType DTypeOf(string name) => _entries[name].DType;

    /// <summary>A tensor of any shape.</summary>
    /// <exception cref="ModelFolderException">Missing, or of an element type that this reader does not know.</exception>
    public TensorView Get(string name)
    {
        if (!_entries.TryGetValue(name, out SafetensorsHeader.Entry entry))
        {
            throw new ModelFolderException(File, name, "is not in the file");
        }

        return entry.DType == TensorDType.Unknown
            ? throw new ModelFolderException(File, name, $"dtype '{entry.DTypeName}' is not supported")
            : new TensorView(name, entry.DType, entry.Shape, _mapping.Address + entry.Begin, entry.End - entry.Begin);
    }

    /// <summary>A tensor that must have a given shape.</summary>
    /// <exception cref="ModelFolderException">Missing, of an unknown element type, or of another shape.</exception>
    public TensorView Get(string name, ReadOnlySpan<long> expectedShape)
    {
        TensorView view = Get(name);
        return view.Shape.SequenceEqual(expectedShape)
            ? view
            : throw new ModelFolderException(File, name, $"shape is {Text(view.Shape)}; the config asks for {Text(expectedShape)}");
    }

    /// <summary>Tells the kernel that a tensor has been copied and its pages may go. Reading it again is allowed and reads from disk.</summary>
    public void Release(TensorView view) => _mapping.Release((byte*)view.Data, view.ByteLength);

    /// <summary>Unmaps the file. Every view of it is invalid afterwards.</summary>
    public void Dispose() => _mapping.Dispose();

    private static string Text(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
