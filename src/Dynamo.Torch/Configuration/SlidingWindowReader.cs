namespace Dynamo.Torch.Configuration;

/// <summary>Reads which layers attend to a window only.</summary>
internal static class SlidingWindowReader
{
    private const string Full = "full_attention";
    private const string Sliding = "sliding_attention";

    /// <summary>Window of each layer, [numLayers]; <see langword="null"/> for full attention.</summary>
    public static int?[] Read(ConfigObject config, ModelFamily family, int numLayers)
    {
        const string switchName = "use_sliding_window";
        string[]? types = ReadLayerTypes(config, numLayers);
        bool? use = config.Bool(switchName);
        if (family.Windows == WindowRule.None && use == false)
        {
            // Left over from a conversion, and off.
            _ = config.Has("sliding_window");
        }

        if (family.Windows == WindowRule.None && use == true)
        {
            throw config.Wrong(switchName, $"is true, but {family.Architecture} has no sliding window");
        }

        int? window = family.Windows == WindowRule.None ? null : ReadWindow(config, family, use);
        int?[] windows = new int?[numLayers];
        int maxWindowLayers = family.Windows == WindowRule.ByLayer ? config.Int("max_window_layers", 0, int.MaxValue) ?? 28 : 0;
        for (int i = 0; i < numLayers; i++)
        {
            bool slides = types is null ? window is not null && i >= maxWindowLayers : types[i] == Sliding;
            windows[i] = !slides ? null : window ?? throw config.Wrong("layer_types", $"entry {i} is {Sliding}, but there is no sliding_window in force");
        }

        if (family.Windows == WindowRule.AllLayers && window is not null && Array.Exists(windows, static w => w is null))
        {
            throw config.Wrong("layer_types", $"names {Full} layers, but {family.Architecture} applies sliding_window to all");
        }

        return windows;
    }

    private static int? ReadWindow(ConfigObject config, ModelFamily family, bool? use)
    {
        const string name = "sliding_window";
        int? window = config.Int(name, 1, int.MaxValue) ?? (config.IsNull(name) ? null : family.SlidingWindow);
        return family.Windows == WindowRule.ByLayer && use != true ? null : window;
    }

    private static string[]? ReadLayerTypes(ConfigObject config, int numLayers)
    {
        string[]? types = config.Texts("layer_types", ConfigLimits.NumLayers);
        if (types is null)
        {
            return null;
        }

        if (types.Length != numLayers)
        {
            throw config.Wrong("layer_types", $"has {types.Length} entries, must have num_hidden_layers, {numLayers}");
        }

        string? unknown = Array.Find(types, static type => type is not (Full or Sliding));
        return unknown is null ? types : throw config.Wrong("layer_types", $"'{unknown}' is not supported; {Full} and {Sliding} are");
    }
}
