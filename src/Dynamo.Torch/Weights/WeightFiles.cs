using Dynamo.Protocol.Models;
using Dynamo.Torch.Configuration;

namespace Dynamo.Torch.Weights;

/// <summary>The weights of a model folder: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> lists.</summary>
/// <remarks>Tensors that were asked for are remembered, see <see cref="ThrowIfUnused"/>. Safe from several threads but for disposing.</remarks>
public sealed class WeightFiles : IDisposable
{
    private const string SingleFile = "model.safetensors";

    private readonly List<SafetensorsFile> _files;
    private readonly Dictionary<string, SafetensorsFile> _fileOf = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly Lock _usedLock = new();

    private WeightFiles(List<SafetensorsFile> files)
    {
        _files = files;
        List<string> names = [];
        foreach (SafetensorsFile file in files)
        {
            TotalBytes += file.TotalBytes;
            NumElements += file.NumElements;
            foreach (string name in file.Names)
            {
                if (!_fileOf.TryAdd(name, file))
                {
                    throw new ModelFolderException(file.File, name, $"is in {_fileOf[name].File} too");
                }

                names.Add(name);
            }
        }

        Names = names;
    }

    /// <summary>Names of all tensors, file by file in the order of their bytes.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Bytes of all tensors.</summary>
    public long TotalBytes { get; }

    /// <summary>Elements of all tensors whose type is known.</summary>
    public long NumElements { get; }

    /// <summary>Maps the weights of a folder and checks every header. A single file goes before an index, as in transformers.</summary>
    /// <exception cref="ModelFolderException">No safetensors, a damaged file, a shard that is missing, or an index that does not tell the truth.</exception>
    public static WeightFiles Open(ModelFolder folder)
    {
        if (folder.Has(SingleFile))
        {
            return OpenAll(folder, [SingleFile], null);
        }

        if (folder.Has(ShardIndex.File))
        {
            ShardIndex index = ShardIndex.Load(folder);
            return OpenAll(folder, index.Shards, index);
        }

        string? pickle = Array.Find(["pytorch_model.bin", "pytorch_model.bin.index.json"], folder.Has);
        throw new ModelFolderException(pickle ?? SingleFile, null, pickle is null
            ? $"neither it nor {ShardIndex.File} is in the folder {folder.Path}"
            : "pickled weights can run code when read and are not supported; convert them to safetensors");
    }

    /// <summary>Whether the checkpoint holds a tensor.</summary>
    public bool Has(string name) => _fileOf.ContainsKey(name);

    /// <summary>Element type of the first weight that is a float: the checkpoint's when config.json names none, as in transformers.</summary>
    public TensorDType FirstWeightDType()
    {
        foreach (string name in Names)
        {
            TensorDType dtype = _fileOf[name].DTypeOf(name);
            if (dtype is TensorDType.Float32 or TensorDType.Float16 or TensorDType.BFloat16)
            {
                return dtype;
            }
        }

        return TensorDType.Float32;
    }

    /// <summary>A weight of a given shape, and marks it as used.</summary>
    /// <param name="name">Name in the checkpoint.</param>
    /// <param name="expectedShape">The shape that config.json implies.</param>
    /// <exception cref="ModelFolderException">Missing, of another shape, or not float32, float16 or bfloat16.</exception>
    public TensorView Get(string name, params ReadOnlySpan<long> expectedShape)
    {
        if (!_fileOf.TryGetValue(name, out SafetensorsFile? file))
        {
            throw new ModelFolderException(_files.Count == 1 ? _files[0].File : ShardIndex.File, name, "is missing; the config asks for it");
        }

        TensorView view = file.Get(name, expectedShape);
        if (view.DType is not (TensorDType.Float32 or TensorDType.Float16 or TensorDType.BFloat16))
        {
            throw new ModelFolderException(file.File, name, $"dtype {view.DType} is not supported; weights are read as F32, F16 or BF16 (quantized checkpoints are not)");
        }

        lock (_usedLock)
        {
            _ = _used.Add(name);
        }

        return view;
    }

    /// <summary>Tells the kernel that a weight has been copied and its pages may go.</summary>
    public void Release(TensorView view) => _fileOf[view.Name].Release(view);

    /// <summary>Checks that every tensor was asked for, so that no part of a checkpoint is silently left out.</summary>
    /// <exception cref="ModelFolderException">Names the first tensor that no layer reads.</exception>
    public void ThrowIfUnused()
    {
        foreach (string name in Names)
        {
            if (!_used.Contains(name) && !IsHarmless(name))
            {
                throw new ModelFolderException(_fileOf[name].File, name, "no part of the model that config.json describes reads this tensor");
            }
        }
    }

    /// <summary>Unmaps all files. Every view is invalid afterwards.</summary>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files)
        {
            file.Dispose();
        }
    }

    // Old checkpoints store what is computed from the config.
    private static bool IsHarmless(string name) =>
        name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal)
        || name.EndsWith(".rotary_emb.cos_cached", StringComparison.Ordinal)
        || name.EndsWith(".rotary_emb.sin_cached", StringComparison.Ordinal);

    private static WeightFiles OpenAll(ModelFolder folder, IReadOnlyList<string> names, ShardIndex? index)
    {
        List<SafetensorsFile> files = new(names.Count);
        try
        {
            foreach (string name in names)
            {
                files.Add(SafetensorsFile.Open(folder, name));
            }

            index?.CheckAgainst(files);
            return new WeightFiles(files);
        }
        catch
        {
            files.ForEach(static file => file.Dispose());
            throw;
        }
    }
}
