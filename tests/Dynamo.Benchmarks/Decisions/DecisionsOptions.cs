namespace Dynamo.Benchmarks.Decisions;

/// <summary>What the decisions command was asked.</summary>
internal sealed record DecisionsOptions
{
    /// <summary>Sizes of the fleets.</summary>
    public required int[] Workers { get; init; }

    /// <summary>Rounds; in each, every fleet's every router decides one batch after the other.</summary>
    public required int NumRounds { get; init; }

    /// <summary>Decisions of a batch.</summary>
    public required int NumDecisions { get; init; }

    /// <summary>Whether to measure the router's grain, too.</summary>
    public required bool HasGrain { get; init; }

    /// <summary>Of all that is random.</summary>
    public required int Seed { get; init; }

    /// <summary>Where to write the rows.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Whether a bar that is missed ends the program with code 2.</summary>
    public required bool RequireBars { get; init; }
}
