namespace Dynamo.Benchmarks.Prefixes;

/// <summary>What the prefixes command was asked.</summary>
internal sealed record PrefixesOptions
{
    /// <summary>Distinct blocks of the lookup and memory cells.</summary>
    public required int[] Sizes { get; init; }

    /// <summary>Operations checked against the dictionary of sets; 0 leaves it out.</summary>
    public required long NumFuzz { get; init; }

    /// <summary>Parts of the replay; each index runs each part in turn.</summary>
    public required int NumRounds { get; init; }

    /// <summary>Of all that is random.</summary>
    public required int Seed { get; init; }

    /// <summary>Folder with <c>data/traces</c>; none leaves the replay of recorded traces out.</summary>
    public string? SharedFolder { get; init; }

    /// <summary>Where to write the rows.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Whether a bar that is missed ends the program with code 2.</summary>
    public required bool RequireBars { get; init; }
}
