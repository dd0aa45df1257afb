namespace Dynamo.Benchmarks.Serving;

/// <summary>Runs the <c>serving</c> command.</summary>
internal static class ServingBenchmark
{
    public static int Run(ServingOptions options, CancellationToken cancellationToken)
    {
        Programs programs = Programs.Find(options);
        BenchmarkReport rows = new(Console.Out);
        ServingReport report = new(rows);
        report.Head(programs, options);

        StartProbe starts = new(programs, options);
        starts.Run(cancellationToken);
        report.Starts(starts, options);

        if (options.NumRounds > 0)
        {
            using FakeUpstream upstream = new();
            using NginxRelay? nginx = programs.Nginx is null ? null : new NginxRelay(programs.Nginx, upstream.Port);
            foreach (IGrouping<double, LoadCell> cells in LoadCells.Chosen(options))
            {
                using ServingCluster cluster = new(programs, options.NumWorkers, cells.Key);
                cluster.WaitUntilReady();
                LoadCellRunner runner = new(cluster, nginx is null ? null : (nginx, upstream), new PromptWriter(options.Seed));
                MemorySample fresh = MemorySample.Of(cluster);
                report.Loads(Measure(runner, [.. cells], options.NumRounds, cancellationToken));
                report.Memory(fresh, MemorySample.Of(cluster));
            }
        }

        return report.End(options);
    }

    // Rounds take turns, so that what a shared machine does to one cell it does to all.
    private static ServingSeries[] Measure(LoadCellRunner runner, LoadCell[] cells, int numRounds, CancellationToken cancellationToken)
    {
        ServingSeries[] series = [.. cells.Select(static cell => new ServingSeries(cell))];
        runner.Calibrate();
        foreach (ServingSeries cell in series)
        {
            cancellationToken.ThrowIfCancellationRequested();
            cell.NumWarmUpRequests = runner.WarmUp(cell.Cell);
        }

        for (int round = 0; round < numRounds; round++)
        {
            foreach (ServingSeries cell in series)
            {
                cancellationToken.ThrowIfCancellationRequested();
                runner.WarmUp(cell.Cell, LoadCellRunner.WarmUpShare);
                cell.Samples.Add(runner.Measure(cell.Cell));
            }
        }

        return series;
    }
}
