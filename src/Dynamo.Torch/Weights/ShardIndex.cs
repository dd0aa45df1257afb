using System.Text.Json;
using Dynamo.Protocol.Models;

namespace Dynamo.Torch.Weights;

/// <summary>The index of a sharded checkpoint: which shard holds which tensor.</summary>
internal sealed class ShardIndex
{
    /// <summary>Its name in a model folder.</summary>
    public const string File = "model.safetensors.index.json";

    // The largest published index, of a model with 163 shards, has 9 MB.
    private const long MaxBytes = 32L << 20;
    private const int MaxShards = 2048;
    private const string MapField = "weight_map";

    private readonly Dictionary<string, string> _shardOf;

    private ShardIndex(Dictionary<string, string> shardOf, IReadOnlyList<string> shards)
    {
        _shardOf = shardOf;
        Shards = shards;
    }

    /// <summary>File names of all shards, sorted.</summary>
    public IReadOnlyList<string> Shards { get; }

    /// <summary>Reads and checks the index; opens no shard.</summary>
    /// <exception cref="ModelFolderException">Not an index, or a shard name that leaves the folder or is missing.</exception>
    public static ShardIndex Load(ModelFolder folder)
    {
        using JsonDocument document = folder.ReadJson(File, MaxBytes);
        if (!document.RootElement.TryGetProperty(MapField, out JsonElement map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new ModelFolderException(File, MapField, "must be an object that names the shard of each tensor");
        }

        try
        {
            return Read(folder, map);
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFolderException(File, MapField, "holds text that is not valid UTF-8", e);
        }
    }

    /// <summary>Checks that each tensor is in the shard that the index names.</summary>
    /// <exception cref="ModelFolderException">A tensor is not where the index says.</exception>
    public void CheckAgainst(IReadOnlyList<SafetensorsFile> files)
    {
        Dictionary<string, SafetensorsFile> byName = files.ToDictionary(static file => file.File, StringComparer.Ordinal);
        foreach ((string tensor, string shard) in _shardOf)
        {
            if (!byName[shard].Has(tensor))
            {
                throw new ModelFolderException(File, $"{MapField}.{tensor}", $"is not in {shard}");
            }
        }
    }

    private static ShardIndex Read(ModelFolder folder, JsonElement map)
    {
        Dictionary<string, string> shardOf = new(StringComparer.Ordinal);
        SortedSet<string> shards = new(StringComparer.Ordinal);
        foreach (JsonProperty property in map.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String || property.Value.GetString() is not { Length: > 0 } shard)
            {
                throw new ModelFolderException(File, $"{MapField}.{property.Name}", "must be a file name");
            }

            if (!shardOf.TryAdd(property.Name, shard))
            {
                throw new ModelFolderException(File, $"{MapField}.{property.Name}", "stands twice");
            }

            if (shards.Add(shard))
            {
                CheckShard(folder, property.Name, shard, shards.Count);
            }
        }

        return shards.Count > 0 ? new ShardIndex(shardOf, [.. shards]) : throw new ModelFolderException(File, MapField, "is empty");
    }

    private static void CheckShard(ModelFolder folder, string tensor, string shard, int count)
    {
        string field = $"{MapField}.{tensor}";
        if (count > MaxShards)
        {
            throw new ModelFolderException(File, field, $"names shard {count}; at most {MaxShards:N0} are read");
        }

        // Shards lie beside the index; a path, even one that comes back into the folder, is no shard name.
        if (shard.AsSpan().ContainsAny('/', '\\', '\0') || !shard.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            throw new ModelFolderException(File, field, $"'{shard}' is not the name of a .safetensors file in the model folder");
        }

        if (!folder.Has(shard))
        {
            throw new ModelFolderException(File, field, $"its shard {shard} is not in the folder {folder.Path}");
        }
    }
}
