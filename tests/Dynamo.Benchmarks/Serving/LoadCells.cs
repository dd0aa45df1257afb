namespace Dynamo.Benchmarks.Serving;

/// <summary>The loads.</summary>
internal static class LoadCells
{
    // A decode step of the simulated GPU takes 5.74 ms with little in its cache: 10 ms with this.
    private const double TenMilliseconds = 0.574;
    private const double NoWaiting = 1e9;
    private const double StreamBar = 6;
    private const double ShortBar = 12;

    private static readonly LoadCell[] All =
    [
        new() { Name = "paced", Speedup = TenMilliseconds, NumConnections = 64, NumRequests = 384, NumTokens = 128, IsStream = true, Bar = StreamBar },
        new() { Name = "saturated-32", Speedup = NoWaiting, NumConnections = 32, NumRequests = 2048, NumTokens = 128, IsStream = true, Bar = StreamBar },
        new() { Name = "saturated-256", Speedup = NoWaiting, NumConnections = 256, NumRequests = 2048, NumTokens = 128, IsStream = true, Bar = StreamBar },
        new() { Name = "short", Speedup = NoWaiting, NumConnections = 32, NumRequests = 4000, NumTokens = 16, IsStream = false, Bar = ShortBar },
        new() { Name = "long", Speedup = NoWaiting, NumConnections = 32, NumRequests = 2000, NumTokens = 16, IsStream = false, NumSharedCharacters = 6000 },
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(static cell => cell.Name)];

    /// <summary>Those that are wanted, by the speed of the mockers that they need.</summary>
    public static IEnumerable<IGrouping<double, LoadCell>> Chosen(ServingOptions options) => All
        .Where(cell => options.Cells.Count == 0 || options.Cells.Contains(cell.Name))
        .Select(cell => cell with { NumRequests = Math.Max(cell.NumConnections, (int)(cell.NumRequests * options.Scale)) })
        .GroupBy(static cell => cell.Speedup);
}
