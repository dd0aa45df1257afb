using System.Globalization;
using Dynamo.Simulation.Reports;

namespace Dynamo.Cli.Bench;

/// <summary>A report for people.</summary>
internal static class BenchReportTable
{
    // A fleet of hundreds would fill the screen.
    private const int MostWorkers = 8;

    /// <summary>Writes it; rows that no request gave are left out.</summary>
    public static void Write(BenchReport report, TextWriter output)
    {
        output.WriteLine($"{report.Model}, {Load(report.Options)}");
        output.WriteLine($"{"milliseconds",-26}{"mean",12}{"median",12}{"p90",12}{"p99",12}{"max",12}");
        WriteDistribution(output, "time to first token", report.TimeToFirst);
        WriteDistribution(output, "time per token after it", report.TimePerToken);
        WriteDistribution(output, "gap between pieces", report.Gaps);
        WriteDistribution(output, "whole request", report.EndToEnd);
        WriteDistribution(output, "sent late by", report.SendDelay);
        WriteLine(output, "requests", $"{report.NumCompleted} completed, {report.NumFailed} failed, {report.NumCut} cut off, in {report.Duration.TotalSeconds:0.00} s");
        WriteLine(output, "throughput", $"{report.RequestThroughput:0.00} requests/s, {report.OutputThroughput:0.0} output tokens/s");
        WriteLine(output, "tokens", $"{report.NumInputTokens?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} in, {report.NumOutputTokens} out");
        if (report.NumUncounted > 0)
        {
            WriteLine(output, "without token counts", $"{report.NumUncounted} requests; their pieces are counted as tokens");
        }

        if (report.ReusedRatio is { } reused)
        {
            WriteLine(output, "prompt tokens reused", $"{reused:0.0%}");
        }

        if (report.MeanOverlapTokens is { } overlap)
        {
            WriteLine(output, "overlap when routed", $"{overlap:0.0} tokens");
        }

        if (report.WorkerRequests.Count > MostWorkers)
        {
            WriteLine(
                output, "requests by worker", $"{report.WorkerRequests.Count} workers, {report.WorkerRequests.Values.Min()} to {report.WorkerRequests.Values.Max()} each; --json names them");
        }
        else
        {
            WriteCounts(output, "requests by worker", report.WorkerRequests);
        }

        WriteCounts(output, "failures", report.Failures);
    }

    private static FormattableString Load(BenchOptions options)
    {
        string what = options.TracePath is { } trace ? $"trace {Path.GetFileName(trace)}" : $"{options.NumInputTokens} tokens in, {options.NumOutputTokens} out";
        return options switch
        {
            { Concurrency: { } concurrency } => $"{what}, {concurrency} at a time",
            { Rate: { } rate, IsPoisson: var isPoisson } => $"{what}, {rate} requests/s, {(isPoisson ? "Poisson" : "even")}",
            _ => $"{what}, at {options.Speed} times its speed",
        };
    }

    private static void WriteDistribution(TextWriter output, string name, Distribution samples)
    {
        if (samples.Count > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-26}{samples.Mean,12:0.00}{samples.Percentile(0.5),12:0.00}{samples.Percentile(0.9),12:0.00}{samples.Percentile(0.99),12:0.00}{samples.Max,12:0.00}"));
        }
    }

    private static void WriteLine(TextWriter output, string name, FormattableString text) => output.WriteLine($"{name,-26}{FormattableString.Invariant(text)}");

    private static void WriteCounts(TextWriter output, string name, SortedDictionary<string, int> counts)
    {
        if (counts.Count > 0)
        {
            output.WriteLine($"{name,-26}{string.Join(", ", counts.Select(static count => $"{count.Key}: {count.Value}"))}");
        }
    }
}
