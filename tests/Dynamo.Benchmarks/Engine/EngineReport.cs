using System.Text.Json;

namespace Dynamo.Benchmarks.Engine;

/// <summary>Prints what was measured, and writes it as JSON.</summary>
internal sealed class EngineReport(Rounds rounds, AllocationCheck allocations, string? llama)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Prints the tables.</summary>
    public void Print(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"memory read {Giga(rounds.Bandwidth)} GB/s; float32 {Giga(rounds.Float32)} GFLOP/s; bfloat16 product {Giga(rounds.BFloat16)} GFLOP/s");
        output.WriteLine();
        output.WriteLine("median (min..max)       ours tok/s    llama.cpp tok/s     ours / llama.cpp     bar      of roofline   outside runner   calm rounds");
        foreach (CellSeries series in rounds.Series)
        {
            string bar = series.Cell.Bar is { } asked ? $"{asked:0.00} {(series.ReachesBar is { } good ? good ? "ok" : "NO" : "")}" : "";
            output.WriteLine(
                $"{series.Cell.Name,-16}{Text(series.Ours, "0"),19}{Text(series.Llama, "0"),19}{Text(series.Ratio, "0.00"),21}{bar,8}" +
                $"{series.OfRoofline(rounds.Peak).Median,17:0 %}{(series.Cell.BatchSize is null ? "" : $"{series.OutsideRunner.Median:0.0 %}"),17}{Calm(series),14}");
        }

        output.WriteLine("A round is calm when memory's speed moved by at most 15 % and other programs took at most 5 % of the processors; when fewer than half are, all count.");
        output.WriteLine();
        output.WriteLine($"managed bytes allocated in {allocations.NumSteps} decode steps: {allocations.RunnerBytes} in the runner, {allocations.QuietBytes} in the engine's loop;");
        output.WriteLine(
            $"in {allocations.NumEventSteps} of them, which filled KV blocks and told so, {allocations.EventBytes / Math.Max(allocations.NumEventSteps, 1)} bytes a step for the events");
    }

    /// <summary>Writes everything, round by round.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(
        new
        {
            time = DateTimeOffset.UtcNow,
            host = new { name = Environment.MachineName, processor = Processor(), processors = Environment.ProcessorCount, os = Environment.OSVersion.VersionString },
            runtime = Environment.Version.ToString(),
            llama,
            memoryBytesPerSecond = rounds.Bandwidth,
            float32PerSecond = rounds.Float32,
            bfloat16PerSecond = rounds.BFloat16,
            cells = rounds.Series.Select(series => new
            {
                series.Cell.Name,
                series.Cell.Bar,
                series.ReachesBar,
                series.Ours,
                series.Llama,
                series.Ratio,
                OfRoofline = series.OfRoofline(rounds.Peak),
                series.Samples,
            }),
            allocations,
        },
        Indented));

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";

    private static string Giga(Spread spread) => Text(new Spread(spread.Median / 1e9, spread.Min / 1e9, spread.Max / 1e9), "0");

    private static string Text(Spread? spread, string format) => spread is { } s
        ? $"{s.Median.ToString(format)} ({s.Min.ToString(format)}..{s.Max.ToString(format)})"
        : "-";

    private static string Calm(CellSeries series)
    {
        int numCalm = series.Samples.Count(static sample => sample.IsCalm);
        return series.Counted.Count == numCalm ? $"{numCalm} of {series.Samples.Count}" : $"{numCalm} of {series.Samples.Count}, all counted";
    }
}
