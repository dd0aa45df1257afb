using System.Diagnostics;
using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>Lookups as workers grow: all share one of a few system prompts, beyond it a session is one worker's, and a second one's in part.</summary>
internal static class SlotsCell
{
    private const int NumLookups = 20_000;
    private const int NumSystemPrompts = 4;
    private const int SystemLength = 40;
    private const int SessionLength = 100;
    private const int NumSessions = 8192;

    private static readonly int[] Workers = [8, 128, 1000];

    public static void Run(PrefixesOptions options, BenchmarkReport report)
    {
        report.Line();
        report.Line(
            $"Lookups by workers, ns (p50 / p99): a system prompt of {SystemLength} blocks that all hold, then {SessionLength} of one worker, " +
            "half of them of a second");
        double first = 0;
        foreach (int workers in Workers)
        {
            Latency latency = Measure(workers, options.Seed, out double bytes);
            report.Line($"{workers,11:n0}  {latency.P50:0} / {latency.P99:0}; {bytes:0.0} B/block");
            report.Row(new { cell = "slots", workers, latency.P50, latency.P99, bytesPerBlock = bytes });
            if (first == 0)
            {
                first = latency.P50;
            }
            else
            {
                report.Bar($"lookup at {workers} workers / at {Workers[0]}", latency.P50 / first, 4);
            }
        }
    }

    private static Latency Measure(int numWorkers, int seed, out double bytesPerBlock)
    {
        Random random = new(seed);
        PrefixIndex index = new();
        BlockKey[] prompt = new BlockKey[SystemLength + SessionLength];
        for (int i = 0; i < NumSessions; i++)
        {
            Write(prompt, i);
            int worker = i < NumSystemPrompts * numWorkers ? i / NumSystemPrompts % numWorkers : random.Next(numWorkers);
            index.Stored(worker, null, prompt);
            index.Stored((worker + 1) % numWorkers, null, prompt.AsSpan(0, SystemLength + (SessionLength / 2)));
        }

        long[] ticks = new long[NumLookups];
        int[] depths = new int[numWorkers];
        for (int i = 0; i < 2 * NumLookups; i++)
        {
            Write(prompt, random.Next(NumSessions));
            long start = Stopwatch.GetTimestamp();
            index.Match(prompt, depths);
            ticks[i % NumLookups] = Stopwatch.GetTimestamp() - start;
            if (!depths.Contains(prompt.Length))
            {
                throw new BenchmarkFault($"With {numWorkers} workers nobody holds a prompt that was stored.");
            }
        }

        bytesPerBlock = (double)index.NumBytes / index.NumDistinctBlocks;
        return Latency.Of(ticks);
    }

    private static void Write(Span<BlockKey> prompt, int session)
    {
        PrefixKeys.Write(session % NumSystemPrompts, prompt[..SystemLength]);
        PrefixKeys.Write(NumSystemPrompts + session, prompt[SystemLength..]);
    }
}
