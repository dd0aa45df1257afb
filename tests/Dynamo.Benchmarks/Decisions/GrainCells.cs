using Dynamo.Abstractions.Routing;
using Dynamo.Benchmarks.Prefixes;
using Dynamo.Routing.Configuration;

namespace Dynamo.Benchmarks.Decisions;

/// <summary>The router's grain, by size of the fleet, called on its own silo and from another one.</summary>
internal static class GrainCells
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    public static async Task RunAsync(DecisionsOptions options, BenchmarkReport report)
    {
        RouterOptions router = new() { BlockSize = FleetContent.BlockSize };
        ScriptedFleet fleet = new();
        List<(int Workers, string Model, GrainCell Cell)> models = [];
        foreach (int workers in options.Workers)
        {
            string model = $"model-{workers}";
            FleetContent content = new(workers, workers);
            fleet.Add(model, content);
            models.Add((workers, model, new GrainCell(model, content, DecisionOracle.Collect(content), router, options.Seed)));
        }

        await using GrainCluster cluster = await GrainCluster.StartAsync(router, fleet);
        List<(int Workers, string Caller, GrainCell Cell, IGrainFactory Grains, GrainSamples Samples)> rows = [];
        foreach ((int workers, string model, GrainCell cell) in models)
        {
            IRouterGrain grain = cluster.Grains.GetGrain<IRouterGrain>(model);
            await grain.UpdateAsync(fleet.View(model, cluster.Address));
            await UntilCurrentAsync(grain, workers);
            (IGrainFactory local, IGrainFactory remote) = cluster.CallersOf(model);
            await cell.FillAsync(local);
            rows.Add((workers, "same silo", cell, local, new GrainSamples()));
            rows.Add((workers, "another silo", cell, remote, new GrainSamples()));
        }

        for (int round = -1; round < options.NumRounds; round++)
        {
            foreach ((_, _, GrainCell cell, IGrainFactory grains, GrainSamples samples) in rows)
            {
                await cell.RunAsync(grains, options.NumDecisions, round < 0 ? null : samples);
            }
        }

        report.Line();
        report.Line("Calls of the router's grain, us (p50 / p99), one after the other; two silos of this process over loopback TCP, kv");
        report.Line($"{"workers",8}  {"called from",-14}{"empty call",-18}{"decision",-18}{"first token, end",-18}");
        foreach ((int workers, string caller, _, _, GrainSamples samples) in rows)
        {
            (Latency empty, Latency route, Latency tell) = samples.Figures();
            report.Line($"{workers,8:n0}  {caller,-14}{Text(empty),-18}{Text(route),-18}{Text(tell),-18}");
            report.Row(new { cell = "grain", workers, caller, empty, route, tell });
        }

        foreach (IGrouping<string, (int Workers, string, GrainCell, IGrainFactory, GrainSamples Samples)> calls in rows.GroupBy(static row => row.Caller))
        {
            (int fewest, double first) = P50(calls.MinBy(static row => row.Workers));
            (int most, double last) = P50(calls.MaxBy(static row => row.Workers));
            report.Bar($"kv: decision through the grain, called from {calls.Key}, at {most:n0} workers / at {fewest:n0}, each with its own content", last / first, 4);
        }

        static (int Workers, double Nanoseconds) P50((int Workers, string, GrainCell, IGrainFactory, GrainSamples Samples) row) => (row.Workers, row.Samples.Figures().Route.P50);
    }

    // Its silo shows a router when it has ticked, and it knows what a worker holds when that has answered.
    private static async Task UntilCurrentAsync(IRouterGrain grain, int workers)
    {
        using CancellationTokenSource deadline = new(Timeout);
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1));
        do
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
        while ((await grain.GetCachesAsync()).Count(static cache => cache is { IsCurrent: true, NumBlocks: > 0 }) < workers);
    }

    private static string Text(Latency latency) => $"{latency.P50 / 1000:0.0} / {latency.P99 / 1000:0.0}";
}
