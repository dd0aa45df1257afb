using System.Diagnostics;
using Dynamo.UnitTests.Routing.Prefixes;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>Runs the cells of the <c>prefixes</c> command.</summary>
internal static class PrefixesBenchmark
{
    private static readonly int[] FuzzSlots = [1, 3, 64, 200, 1000];

    public static int Run(PrefixesOptions options)
    {
        BenchmarkReport report = new(Console.Out);

        // First, while nothing else has grown the process.
        MemoryCell.Run(options, report);
        ReplayCell.Run(options, report);
        SizesCell.Run(options, report);
        SlotsCell.Run(options, report);
        try
        {
            Fuzz(options, report);
        }
        catch (InvalidOperationException e)
        {
            throw new BenchmarkFault(e.Message);
        }

        if (options.JsonFile is { } path)
        {
            report.Write(path);
        }

        report.Line();
        report.Line(report.Missed.Count == 0 ? "All bars reached." : $"Bars missed: {string.Join("; ", report.Missed)}.");
        return options.RequireBars && report.Missed.Count > 0 ? 2 : 0;
    }

    private static void Fuzz(PrefixesOptions options, BenchmarkReport report)
    {
        if (options.NumFuzz == 0)
        {
            return;
        }

        long start = Stopwatch.GetTimestamp();
        long done = 0;
        for (int i = 0; i < FuzzSlots.Length; i++)
        {
            PrefixFuzz fuzz = new(options.Seed + i, FuzzSlots[i]);
            fuzz.Run((options.NumFuzz + FuzzSlots.Length - 1) / FuzzSlots.Length);
            done += fuzz.NumOperations;
        }

        report.Line($"Fuzz: {done:n0} operations, every answer that of a dictionary of sets ({Stopwatch.GetElapsedTime(start).TotalSeconds:0} s)");
        report.Row(new { cell = "fuzz", operations = done });
    }
}
