namespace Dynamo.Benchmarks.Decisions;

/// <summary>Runs the cells of the <c>decisions</c> command.</summary>
internal static class DecisionsBenchmark
{
    public static async Task<int> RunAsync(DecisionsOptions options)
    {
        BenchmarkReport report = new(Console.Out);
        RouterCells.Run(options, report);
        if (options.HasGrain)
        {
            await GrainCells.RunAsync(options, report);
        }

        if (options.JsonFile is { } path)
        {
            report.Write(path);
        }

        report.Line();
        report.Line(report.Missed.Count == 0 ? "All bars reached." : $"Bars missed: {string.Join("; ", report.Missed)}.");
        return options.RequireBars && report.Missed.Count > 0 ? 2 : 0;
    }
}
