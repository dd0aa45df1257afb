using System.Globalization;
using Dynamo.Simulation.Reports;

namespace Dynamo.Cli.Simulate;

/// <summary>A report for people.</summary>
internal static class ReportTable
{
    public static void Write(TextWriter output, SimulationReport report)
    {
        string load = report.ReplayConcurrency is { } concurrency ? $"{concurrency} requests at a time" : Text($"speed {report.ArrivalSpeedupRatio}");
        string workers = report.Transfers is { } split ? $"{split.PrefillWorkers} prefill and {split.DecodeWorkers} decode workers" : $"{report.Workers} workers";
        string left = report.CancelledRequests is { } count ? $", {count} more whose clients left" : "";
        output.WriteLine(Text($"{report.CompletedRequests} requests{left}, {workers} of {report.Blocks} blocks ({report.EngineModel} engine), {load}; router: {report.Router}"));
        output.WriteLine();
        output.WriteLine(Text($"{"milliseconds",-24}{"mean",12}{"p50",12}{"p90",12}{"p99",12}"));
        Row("time to first token", report.MeanTtft, report.MedianTtft, report.P90Ttft, report.P99Ttft);
        Row("time per output token", report.MeanTpot, report.MedianTpot, report.P90Tpot, report.P99Tpot);
        Row("between tokens", report.MeanItl, report.MedianItl, report.P90Itl, report.P99Itl);
        Row("end to end", report.MeanE2e, report.MedianE2e, report.P90E2e, report.P99E2e);
        output.WriteLine();
        output.WriteLine(Text($"prefix reuse             {report.PrefixCacheReusedRatio:P1} of prompt tokens; one endless cache: {report.IdealPrefixReuseRatio:P1}"));
        output.WriteLine(Text($"throughput               {report.OutputThroughput:F0} tokens/s, {report.RequestThroughput:F2} requests/s over {report.Duration / 1000:F0} s"));
        output.WriteLine(Text($"held at the router       {report.HeldRequests} requests, {report.MeanHeld:F0} ms on average"));
        output.WriteLine(Text($"queue                    {report.MeanQueue:F0} ms on average, p99 {report.P99Queue:F0} ms from arrival to a first step"));
        if (report.Transfers is { } transfers)
        {
            int prefill = transfers.PrefillWorkers;
            output.WriteLine(Text($"transfers                {transfers.TransferredRequests} requests, {transfers.TransferredTokensRatio:P1} of their prompt tokens; {transfers.LocalRequests} requests computed by their decode worker"));
            output.WriteLine(Text($"a transfer               {transfers.MeanTransfer:F1} ms on average, p99 {transfers.P99Transfer:F1} ms; before it {transfers.MeanTransferWait:F1} ms, p99 {transfers.P99TransferWait:F1} ms"));
            Balance("prefill workers", [.. report.WorkerRequests.Take(prefill)], [.. report.WorkerBusyRatio.Take(prefill)]);
            Balance("decode workers", [.. report.WorkerRequests.Skip(prefill)], [.. report.WorkerBusyRatio.Skip(prefill)]);
        }
        else
        {
            Balance("workers", report.WorkerRequests, report.WorkerBusyRatio);
        }

        output.WriteLine(Text($"simulated in             {report.WallTime / 1000:F1} s"));

        void Balance(string pool, IReadOnlyList<int> requests, IReadOnlyList<double> busy)
        {
            output.WriteLine(Text($"{pool,-25}{Range([.. requests.Select(static count => (double)count)], "F0")} requests each, busy {Range(busy, "P0")}"));
        }

        void Row(string name, double mean, double p50, double p90, double p99) =>
            output.WriteLine(Text($"{name,-24}{mean,12:F1}{p50,12:F1}{p90,12:F1}{p99,12:F1}"));
    }

    private static string Range(IReadOnlyList<double> values, string format) =>
        $"{values.Min().ToString(format, CultureInfo.InvariantCulture)} to {values.Max().ToString(format, CultureInfo.InvariantCulture)}";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
