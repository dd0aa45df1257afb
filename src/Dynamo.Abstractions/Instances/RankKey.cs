using System.Globalization;

namespace Dynamo.Abstractions.Instances;

/// <summary>Names one GPU of one silo: the key of an <see cref="IRankGrain"/>, <c>silo/gpu</c>.</summary>
/// <param name="Silo">The silo, generation included: a restarted one has other ranks.</param>
/// <param name="Gpu">Index of the GPU among those that the silo offers, from 0.</param>
[GenerateSerializer, Immutable, Alias("dynamo.RankKey")]
public readonly record struct RankKey([property: Id(0)] SiloAddress Silo, [property: Id(1)] int Gpu)
{
    /// <summary>Parses the form that <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">It is another form.</exception>
    public static RankKey Parse(string key)
    {
        int slash = key.LastIndexOf('/');
        return slash > 0 && int.TryParse(key.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int gpu)
            ? new RankKey(SiloAddress.FromParsableString(key[..slash]), gpu)
            : throw new FormatException($"'{key}' is not silo/gpu.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Silo.ToParsableString()}/{Gpu}");
}
