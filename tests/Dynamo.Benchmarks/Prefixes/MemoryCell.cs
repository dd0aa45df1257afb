using System.Diagnostics;
using System.Globalization;
using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;
using Dynamo.UnitTests.Routing.Prefixes;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>Bytes per block when fresh and after every block was replaced ten times, counted by the index and seen by the operating system.</summary>
internal static class MemoryCell
{
    private const int Times = 10;
    private const int MaxBlocks = 10_000_000;

    // Losing single blocks is events by the hundred million; their effect does not depend on size.
    private const int BlocksWithHoles = 1_000_000;
    private const int PageSize = 4096;

    public static void Run(PrefixesOptions options, BenchmarkReport report)
    {
        int largest = Math.Clamp(options.Sizes.Max(), BlocksWithHoles, MaxBlocks);
        const int size = BlocksWithHoles;
        report.Line();
        report.Line($"Memory, bytes per holder-block (resident in brackets): fresh and after {Times}x churn in random order of sequences");
        Cell(options, report, largest, 1, 0, "one holder, whole sequences go");
        Cell(options, report, size, 1, 2, "one holder, 2 % go alone before");
        Cell(options, report, size, 1, 50, "one holder, half of them go alone before");
        Cell(options, report, size / 8, 8, 0, "8 holders, whole sequences go");
        Cell(options, report, size / 8, 8, 2, "8 holders, each 2 % alone before");
    }

    private static void Cell(PrefixesOptions options, BenchmarkReport report, int size, int holders, int alonePercent, string name)
    {
        FreeMemory.Collect();
        long before = Resident();
        Random random = new(options.Seed);
        PrefixIndex index = new();
        PrefixFill fill = new(size, holders, alonePercent);
        fill.Apply(index, random);
        (double fresh, double freshResident) = PerHolderBlock(index, before);

        long goal = (long)Times * size;
        for (long replaced = 0; replaced < goal;)
        {
            int victim = random.Next(fill.Sequences.Count);
            (long sequence, int length, int slot) = fill.Sequences[victim];
            BlockKey[] keys = new BlockKey[length];
            PrefixKeys.Write(sequence, keys);
            Array.Reverse(keys);
            for (int i = 0; i < holders; i++)
            {
                index.Removed((slot + i) % PrefixFill.NumSlots, keys);
            }

            fill.Sequences[victim] = fill.Sequences[^1];
            fill.Sequences.RemoveAt(fill.Sequences.Count - 1);
            fill.Add(index, random, length);
            replaced += length;
        }

        if (size <= BlocksWithHoles)
        {
            PrefixIndexCheck.Validate(index);
        }

        (double churned, double churnedResident) = PerHolderBlock(index, before);

        // Later cells take what the first gave back, so only the first tells anything.
        bool isFirst = !report.HasRows;
        report.Line(
            $"  {name,-42} fresh {fresh:0.0}{(isFirst ? $" ({freshResident:0.0})" : "")}, churned {churned:0.0}{(isFirst ? $" ({churnedResident:0.0})" : "")}");
        report.Row(new { cell = "memory", size, holders, alonePercent, fresh, churned, resident = isFirst ? new { fresh = freshResident, churned = churnedResident } : null });
        report.Bar($"{name}: bytes per holder-block", churned, holders == 1 ? 32 : 12);
        report.Bar($"{name}: churned / fresh", churned / fresh, 1.1);
        Purge(report, index, size, holders, 0);

        // One with a cache as in the replay beside those, which each hold a 64th of everything.
        for (int stored = 0; stored < ReplayScript.BlocksPerWorker;)
        {
            int length = Math.Min(1 + random.Next(200), ReplayScript.BlocksPerWorker - stored);
            index.Stored(PrefixFill.NumSlots, null, PrefixKeys.Write(PrefixFill.Unknown(random), new BlockKey[length]));
            stored += length;
        }

        Purge(report, index, size, holders, PrefixFill.NumSlots);
    }

    private static void Purge(BenchmarkReport report, PrefixIndex index, int size, int holders, int slot)
    {
        long held = index.NumBlocks(slot);
        long start = Stopwatch.GetTimestamp();
        index.Cleared(slot);
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        report.Line($"      purge of a worker with {held:n0} blocks: {milliseconds:0.0} ms");
        report.Row(new { cell = "purge", size, holders, held, milliseconds });
    }

    private static (double Counted, double Resident) PerHolderBlock(PrefixIndex index, long before)
    {
        double blocks = Enumerable.Range(0, PrefixFill.NumSlots).Sum(index.NumBlocks);
        return (index.NumBytes / blocks, (Resident() - before) / blocks);
    }

    private static long Resident() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture) * PageSize;
}
