using System.Diagnostics;
using Dynamo.Benchmarks.Engine;
using Dynamo.Routing.Prefixes;
using Dynamo.UnitTests.Routing.Prefixes;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>The same load on three indexes in turn, part by part; all answers of a part are compared before the next.</summary>
internal static class ReplayCell
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(1);

    private static readonly string[] Names = ["ours", "dictionary of sets", "tree of nodes"];

    public static void Run(PrefixesOptions options, BenchmarkReport report)
    {
        Run(options, report, ReplayLoad.Make(options.Seed, ReplayShape.Chat));
        Run(options, report, ReplayLoad.Make(options.Seed, ReplayShape.Agents));
        if (options.SharedFolder is not { } shared)
        {
            report.Line();
            report.Line("Replay of recorded traces: left out, no --shared folder was named.");
            return;
        }

        foreach (ReplayScript script in TraceLoad.Make(shared))
        {
            Run(options, report, script);
        }
    }

    private static void Run(PrefixesOptions options, BenchmarkReport report, ReplayScript load)
    {
        PrefixIndex ours = new();
        IPrefixIndex[] indexes = [ours, new DictionaryPrefixIndex(), new NodeTreePrefixIndex(load.NumWorkers)];
        int[][] depths = new int[indexes.Length][];

        // The fill also settles the compiler.
        for (int i = 0; i < indexes.Length; i++)
        {
            Part(indexes[i], load, 0, load.NumFill, null, out depths[i]);
        }

        long numBlocks = 0;
        List<double>[] speeds = [[], [], []];
        for (int round = 0; round < options.NumRounds; round++)
        {
            (int start, int end) = Bounds(round);
            double[] seconds = new double[indexes.Length];
            for (int i = 0; i < indexes.Length; i++)
            {
                int which = round % 2 == 0 ? i : indexes.Length - 1 - i;
                GC.Collect();
                seconds[which] = Part(indexes[which], load, start, end, null, out depths[which]);
            }

            RequireEqual(round);
            long blocks = CountBlocks(load, start, end, depths[0]);
            numBlocks += blocks;
            for (int i = 0; i < indexes.Length; i++)
            {
                speeds[i].Add(blocks / seconds[i]);
            }
        }

        // One part more, each operation timed.
        (int first, int last) = Bounds(options.NumRounds);
        double[] rates = new double[indexes.Length];
        for (int i = 0; i < indexes.Length; i++)
        {
            long[] ticks = new long[last - first];
            GC.Collect();
            Part(indexes[i], load, first, last, ticks, out depths[i]);
            rates[i] = ReplayRate.Of(ticks, Timeout, options.Seed);
        }

        RequireEqual(options.NumRounds);
        PrefixIndexCheck.Validate(ours);
        report.Line();
        report.Line(
            $"Replay, {load.Name}: {load.NumWorkers} workers x {ReplayScript.BlocksPerWorker} blocks, {ours.NumDistinctBlocks:n0} distinct at the end; " +
            $"{load.Ops.Length - load.NumFill:n0} operations on {numBlocks:n0} blocks (of a lookup those that were compared), all answers equal");
        for (int i = 0; i < indexes.Length; i++)
        {
            Spread speed = Spread.Of(speeds[i]);
            report.Line(
                $"  {Names[i],-20}{speed.Median / 1e6,9:0.00}M block operations/s ({speed.Min / 1e6:0.00}..{speed.Max / 1e6:0.00}); " +
                $"p99 within {Timeout.TotalMilliseconds:0} ms up to {rates[i] / 1e3:n0}k operations/s");
            report.Row(new { cell = "replay", load.Name, index = Names[i], blockOperationsPerSecond = speed, operationsPerSecondInTime = rates[i] });
        }

        report.Bar($"replay, {load.Name}, ours / dictionary of sets", Ratio(speeds, 1), 20, atLeast: true);
        report.Bar($"replay, {load.Name}, ours / tree of nodes", Ratio(speeds, 2), 1, atLeast: true);
        report.Bar($"replay, {load.Name}, operations in time, ours / dictionary of sets", rates[0] / rates[1], 20, atLeast: true);

        (int Start, int End) Bounds(int part)
        {
            long numOps = load.Ops.Length - load.NumFill;
            return (load.NumFill + (int)(numOps * part / (options.NumRounds + 1)), load.NumFill + (int)(numOps * (part + 1) / (options.NumRounds + 1)));
        }

        void RequireEqual(int part)
        {
            for (int i = 1; i < indexes.Length; i++)
            {
                if (!depths[0].AsSpan().SequenceEqual(depths[i]))
                {
                    throw new BenchmarkFault($"{load.Name}, part {part}: our answers differ from those of the {Names[i]}.");
                }
            }
        }
    }

    private static double Ratio(List<double>[] speeds, int peer) => Spread.Of(speeds[0].Zip(speeds[peer], static (a, b) => a / b)).Median;

    private static double Part(IPrefixIndex index, ReplayScript load, int start, int end, long[]? ticks, out int[] depths)
    {
        int numLookups = 0;
        for (int i = start; i < end; i++)
        {
            numLookups += load.Ops[i].Kind == ReplayKind.Match ? 1 : 0;
        }

        int[] answers = depths = new int[numLookups * load.NumWorkers];
        int lookup = 0;
        long began = Stopwatch.GetTimestamp();
        long before = began;
        for (int i = start; i < end; i++)
        {
            ref readonly ReplayOp op = ref load.Ops[i];
            op.Run(index, op.Kind == ReplayKind.Match ? answers.AsSpan(lookup++ * load.NumWorkers, load.NumWorkers) : default);
            if (ticks is not null)
            {
                long now = Stopwatch.GetTimestamp();
                (ticks[i - start], before) = (now - before, now);
            }
        }

        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static long CountBlocks(ReplayScript load, int start, int end, int[] depths)
    {
        long blocks = 0;
        int lookup = 0;
        for (int i = start; i < end; i++)
        {
            if (load.Ops[i].Kind != ReplayKind.Match)
            {
                blocks += load.Ops[i].NumBlocks;
                continue;
            }

            int deepest = 0;
            foreach (int depth in depths.AsSpan(lookup++ * load.NumWorkers, load.NumWorkers))
            {
                deepest = Math.Max(deepest, depth);
            }

            blocks += Math.Min(deepest + 1, load.Ops[i].NumBlocks);
        }

        return blocks;
    }
}
