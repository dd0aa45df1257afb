using Dynamo.Protocol.KV;
using Dynamo.Routing.Configuration;

namespace Dynamo.Benchmarks.Decisions;

/// <summary>The router itself, by size of the fleet and by what it minimises.</summary>
internal static class RouterCells
{
    private const int NumExplainedInFull = 300;

    private static readonly (string Name, RouterOptions Options)[] Routers =
    [
        ("kv", new RouterOptions { BlockSize = FleetContent.BlockSize }),
        ("kv, Dynamo's cost", new RouterOptions { BlockSize = FleetContent.BlockSize, Cost = RouterCost.Dynamo }),
        ("round-robin", new RouterOptions { BlockSize = FleetContent.BlockSize, Mode = RouterMode.RoundRobin }),
    ];

    public static void Run(DecisionsOptions options, BenchmarkReport report)
    {
        List<Row> rows = [];
        int most = options.Workers.Max();
        (int Workers, int LikeWorkers)[] fleets = [.. options.Workers.Select(static workers => (workers, workers)), (options.Workers[0], most)];
        foreach ((int workers, int likeWorkers) in fleets)
        {
            FleetContent content = new(workers, likeWorkers);
            HashSet<BlockKey>[] held = DecisionOracle.Collect(content);
            foreach ((string name, RouterOptions router) in Routers)
            {
                // Its explanations have all workers, so that the lowest cost is the lowest of all.
                new RouterCell(content, held, router with { MaxExplained = workers }, livePerWorker: 1, options.Seed).Turns(NumExplainedInFull, null);
                rows.Add(new Row(workers, likeWorkers, name, new RouterCell(content, held, router, livePerWorker: 4, options.Seed)));
            }
        }

        for (int round = -1; round < options.NumRounds; round++)
        {
            foreach (Row row in rows)
            {
                // The first round settles the compiler.
                row.Cell.Turns(options.NumDecisions, round < 0 ? null : row.Turns);
                row.Cell.Documents(options.NumDecisions / 10, round < 0 ? null : row.Documents);
            }
        }

        report.Line("Decisions, us (p50 / p99; in brackets the batches' lowest and highest median); prompts of about 108 blocks, then of 2,000");
        report.Line($"{"workers",8}  {"content",8}  {"mode",-18}{"decide and book",-32}{"first token, end",-20}{"bytes",7}    {"2,000 blocks: decide",-32}{"first token, end",-20}{"bytes",7}");
        foreach (Row row in rows)
        {
            DecisionFigures turns = row.Turns.Figures();
            DecisionFigures documents = row.Documents.Figures();
            report.Line($"{row.Workers,8:n0}  {row.LikeWorkers,8:n0}  {row.Name,-18}{Text(turns)}    {Text(documents)}");
            report.Row(new { cell = "decision", workers = row.Workers, likeWorkers = row.LikeWorkers, mode = row.Name, turns, documents });
        }

        foreach ((string name, _) in Routers)
        {
            double last = P50(most, most);
            report.Bar($"{name}: decision at {most:n0} workers / at {options.Workers[0]:n0}, each with its own content", last / P50(options.Workers[0], options.Workers[0]), 4);
            report.Bar($"{name}: the same, all with the content of {most:n0} workers", last / P50(options.Workers[0], most), 4);

            double P50(int workers, int likeWorkers) =>
                rows.First(row => row.Name == name && row.Workers == workers && row.LikeWorkers == likeWorkers).Turns.Figures().Route.P50;
        }
    }

    private static string Text(DecisionFigures figures) =>
        $"{$"{Us(figures.Route.P50)} / {Us(figures.Route.P99)} ({Us(figures.LeastMedian)} to {Us(figures.MostMedian)})",-32}"
        + $"{$"{Us(figures.After.P50)} / {Us(figures.After.P99)}",-20}{figures.Bytes,7:0}";

    private static string Us(double nanoseconds) => $"{nanoseconds / 1000:0.0}";

    private sealed record Row(int Workers, int LikeWorkers, string Name, RouterCell Cell)
    {
        public DecisionSamples Turns { get; } = new();

        public DecisionSamples Documents { get; } = new();
    }
}
