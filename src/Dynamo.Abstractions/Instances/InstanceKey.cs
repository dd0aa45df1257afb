using System.Globalization;

namespace Dynamo.Abstractions.Instances;

/// <summary>Names one generation of one model instance: the key of an <see cref="IModelInstanceGrain"/>, <c>model/head silo/generation</c>.</summary>
/// <param name="Model">The model; may contain slashes.</param>
/// <param name="Head">The silo whose worker is the instance's head; the grain lives there and nowhere else.</param>
/// <param name="Generation">From 1; minted by the model's grain.</param>
[GenerateSerializer, Immutable, Alias("dynamo.InstanceKey")]
public readonly record struct InstanceKey([property: Id(0)] string Model, [property: Id(1)] SiloAddress Head, [property: Id(2)] long Generation)
{
    /// <summary>Parses the form that <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">It is another form.</exception>
    public static InstanceKey Parse(string key)
    {
        int second = key.LastIndexOf('/');
        int first = second > 0 ? key.LastIndexOf('/', second - 1) : -1;
        return first > 0 && long.TryParse(key.AsSpan(second + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long generation)
            ? new InstanceKey(key[..first], SiloAddress.FromParsableString(key[(first + 1)..second]), generation)
            : throw new FormatException($"'{key}' is not model/silo/generation.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Model}/{Head.ToParsableString()}/{Generation}");
}
