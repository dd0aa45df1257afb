namespace Dynamo.Benchmarks.Serving;

/// <summary>What the serving command was asked.</summary>
internal sealed record ServingOptions
{
    /// <summary>The <c>dynamo</c> program; <see langword="null"/>: the one that was built in this checkout.</summary>
    public string? Program { get; init; }

    /// <summary>Model folder of the mockers; <see langword="null"/>: the bundled one.</summary>
    public string? Model { get; init; }

    /// <summary>Mockers of the loads.</summary>
    public required int NumWorkers { get; init; }

    /// <summary>Rounds that count; each runs every cell once, and nginx behind it.</summary>
    public required int NumRounds { get; init; }

    /// <summary>Clusters that are started and asked once.</summary>
    public required int NumStarts { get; init; }

    /// <summary>Seconds in which nothing is asked and CPU time is counted; 0 leaves it out.</summary>
    public required int IdleSeconds { get; init; }

    /// <summary>Seconds without requests before those.</summary>
    public required int SettleSeconds { get; init; }

    /// <summary>Cells to run; empty: all.</summary>
    public required IReadOnlyList<string> Cells { get; init; }

    /// <summary>Requests of a cell, as a multiple of its usual number.</summary>
    public required double Scale { get; init; }

    /// <summary>Whether nginx is left out.</summary>
    public required bool WithoutNginx { get; init; }

    /// <summary>Of all prompts.</summary>
    public required int Seed { get; init; }

    /// <summary>Where to write the rows.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Whether a bar that is missed ends the program with code 2.</summary>
    public required bool RequireBars { get; init; }
}
