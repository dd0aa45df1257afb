namespace Dynamo.Cli.Bench;

/// <summary>What is asked of whom, and how fast.</summary>
internal sealed record BenchOptions
{
    /// <summary>Frontends with a trailing slash, at least one; requests go round them.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    /// <summary>The model, or <see langword="null"/> for the first that the first server lists.</summary>
    public string? Model { get; init; }

    /// <summary>Sent as bearer token, or <see langword="null"/>.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Which API.</summary>
    public BenchApi Api { get; init; }

    /// <summary>Closed loop: requests at a time. <see langword="null"/> in an open loop.</summary>
    public int? Concurrency { get; init; }

    /// <summary>Open loop: requests a second. <see langword="null"/> in a closed loop and where the trace's own times count.</summary>
    public double? Rate { get; init; }

    /// <summary>Whether the gaps of <see cref="Rate"/> are drawn from the exponential distribution, instead of all equal.</summary>
    public bool IsPoisson { get; init; }

    /// <summary>Trace whose requests are sent, or <see langword="null"/> for made-up ones.</summary>
    public string? TracePath { get; init; }

    /// <summary>How much faster than it was recorded the trace is replayed.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Tokens of a block of the trace.</summary>
    public int TraceBlockSize { get; init; } = 512;

    /// <summary>Most requests; <see langword="null"/>: as many as the trace or the duration gives.</summary>
    public int? NumRequests { get; init; }

    /// <summary>No request begins later than this after the first; <see langword="null"/>: no limit.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Requests sent before those that count.</summary>
    public int NumWarmUps { get; init; }

    /// <summary>Tokens of a made-up prompt.</summary>
    public int NumInputTokens { get; init; } = 512;

    /// <summary>Tokens asked for by a made-up request.</summary>
    public int NumOutputTokens { get; init; } = 128;

    /// <summary>Number of different heads that made-up prompts share; 0: none.</summary>
    public int NumPrefixGroups { get; init; }

    /// <summary>Tokens of such a head, below <see cref="NumInputTokens"/>.</summary>
    public int NumPrefixTokens { get; init; }

    /// <summary>Token ids of prompts are at least this.</summary>
    public int LowestToken { get; init; } = 100;

    /// <summary>Token ids of prompts are at most this.</summary>
    public int HighestToken { get; init; } = 999;

    /// <summary>Same seed, same prompts, groups and gaps.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>A request that takes longer has failed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Where to write the report as JSON; <see langword="null"/>: nowhere; <c>-</c>: to the output, instead of the table.</summary>
    public string? JsonPath { get; init; }
}
