namespace Dynamo.Abstractions.Instances;

/// <summary>Names in order; two lists are equal when their names are.</summary>
/// <param name="Names">The names.</param>
[GenerateSerializer, Immutable, Alias("dynamo.NameList")]
public sealed record NameList([property: Id(0)] string[] Names)
{
    /// <summary>No names.</summary>
    public static NameList None { get; } = new([]);

    /// <inheritdoc/>
    public bool Equals(NameList? other) => other is not null && Names.AsSpan().SequenceEqual(other.Names);

    /// <inheritdoc/>
    public override int GetHashCode() => Names.Length == 0 ? 0 : Names[0].GetHashCode(StringComparison.Ordinal);
}
