namespace Dynamo.Torch.Configuration;

/// <summary>
/// Reads rotary embeddings from any spelling: <c>rope_theta</c> beside <c>rope_scaling</c> with <c>type</c> (old) or <c>rope_type</c>
/// (transformers 4.43 on), or all in <c>rope_parameters</c> (transformers 5).
/// </summary>
internal static class RopeConfigReader
{
    private const double MinTheta = 1;
    private const double MaxTheta = 1e15;
    private const double MinFactor = 1e-3;
    private const double MaxFactor = 1e6;

    public static RopeConfig Read(ConfigObject config, ModelFamily family, int maxPositions)
    {
        double theta = config.Number("rope_theta", MinTheta, MaxTheta) ?? family.RopeTheta;
        int originalMax = config.Int("original_max_position_embeddings", 1, ConfigLimits.MaxPositions) ?? 0;
        RopeConfig? scaling = ReadObject(config.Object("rope_scaling"), theta, originalMax, maxPositions);
        RopeConfig? parameters = ReadObject(config.Object("rope_parameters"), theta, originalMax, maxPositions);
        if (scaling is not null && parameters is not null && scaling != parameters)
        {
            throw config.Wrong("rope_parameters", "says something else than rope_scaling; keep one of them");
        }

        return parameters ?? scaling ?? new RopeConfig { Kind = RopeKind.Default, Theta = theta };
    }

    private static RopeConfig? ReadObject(ConfigObject? rope, double theta, int originalMax, int maxPositions)
    {
        if (rope is null)
        {
            return null;
        }

        string? legacyType = rope.Text("type");
        string type = rope.Text("rope_type") ?? legacyType ?? "default";
        theta = rope.Number("rope_theta", MinTheta, MaxTheta) ?? theta;
        RopeConfig result = type switch
        {
            "default" => new RopeConfig { Kind = RopeKind.Default, Theta = theta },
            "linear" => new RopeConfig { Kind = RopeKind.Linear, Theta = theta, Factor = Required(rope, "factor") },
            "llama3" => ReadLlama3(rope, theta, originalMax, maxPositions),
            _ => throw rope.Wrong(legacyType == type ? "type" : "rope_type", $"'{type}' is not supported; default, linear and llama3 are"),
        };
        ConfigFields.ThrowIfResultChanges(rope);
        return result;
    }

    private static RopeConfig ReadLlama3(ConfigObject rope, double theta, int originalMax, int maxPositions)
    {
        double low = Required(rope, "low_freq_factor");
        double high = Required(rope, "high_freq_factor");
        if (high <= low)
        {
            throw rope.Wrong("high_freq_factor", $"is {high}, must be above low_freq_factor, {low}");
        }

        // Outside the object it goes first, as in transformers 5.
        int inside = rope.Int("original_max_position_embeddings", 1, ConfigLimits.MaxPositions) ?? maxPositions;
        return new RopeConfig
        {
            Kind = RopeKind.Llama3,
            Theta = theta,
            Factor = Required(rope, "factor"),
            LowFrequencyFactor = low,
            HighFrequencyFactor = high,
            OriginalMaxPositions = originalMax > 0 ? originalMax : inside,
        };
    }

    private static double Required(ConfigObject rope, string name) =>
        rope.Number(name, MinFactor, MaxFactor) ?? throw rope.Wrong(name, "is missing; this rope type needs it");
}
