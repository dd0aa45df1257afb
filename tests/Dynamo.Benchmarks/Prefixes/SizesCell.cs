using Dynamo.Routing.Prefixes;
using Dynamo.UnitTests.Routing.Prefixes;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>Lookups and memory at growing sizes, beside what memory costs over as many bytes at that moment.</summary>
internal static class SizesCell
{
    // What a peer takes at most, seen at 1e6 blocks, with as much again for the collector's copies of a part of it.
    private const long PeerBytesPerBlock = 900;

    private static readonly (string Name, int NumHolders, int HolesPercent)[] Fills =
    [
        ("one holder", 1, 0), ("64 holders", 64, 0), ("64 holders, 2 % holes", 64, 2),
    ];

    public static void Run(PrefixesOptions options, BenchmarkReport report)
    {
        double compare = LatencyProbe.HotCompare(PrefixFill.LongLength);
        report.Line();
        report.Line($"Lookups, ns (p50 / p99); compare of {PrefixFill.LongLength} keys in cache: {compare:0} ns");
        report.Line(
            $"{"blocks",11}  {"held by",-23}{"B/block",8}{"load ns",9}   {"1 to 215 blocks",-19}{"in loads",9}   {"2,000 blocks",-19}{"nobody's",-16}");
        Dictionary<string, double> firstLoads = [];
        foreach (int size in options.Sizes)
        {
            foreach ((string name, int holders, int holes) in Fills)
            {
                Cell(options, report, size, name, new PrefixFill(size, holders, holes), firstLoads, compare, isPeerCell: holders == 1);
            }
        }
    }

    private static void Cell(
        PrefixesOptions options, BenchmarkReport report, int size, string name, PrefixFill fill, Dictionary<string, double> firstLoads, double compare, bool isPeerCell)
    {
        FreeMemory.Collect();
        PrefixIndex index = new();
        fill.Apply(index, new Random(options.Seed));
        double load = LatencyProbe.DependentLoad(index.NumBytes, new Random(options.Seed));
        Lookups ours = Measure(index, fill, options.Seed);
        double bytes = (double)index.NumBytes / index.NumDistinctBlocks;
        double loads = ours.Short.P99 / load;
        Print(report, $"{size,11:n0}  {name,-23}{bytes,8:0.0}{load,9:0.0}", ours, $"{loads,9:0.0}");
        report.Row(new { cell = "lookup", size, held = name, bytesPerBlock = bytes, dependentLoad = load, ours.Short, ours.Long, ours.None });
        if (firstLoads.TryAdd(name, loads))
        {
            report.Bar($"{name}, {size:n0}: chain of 2,000, p50 / (compare in cache + 2 loads)", ours.Long.P50 / (compare + (2 * load)), 2);
        }
        else
        {
            report.Bar($"{name}, {size:n0}: p99 in loads / at the smallest size", loads / firstLoads[name], 1.5);
        }

        if (!isPeerCell)
        {
            return;
        }

        GC.KeepAlive(index);
        Peer(options, report, size, fill, ours, "dictionary of sets", static () => new DictionaryPrefixIndex());
        Peer(options, report, size, fill, ours, "tree of nodes", static () => new NodeTreePrefixIndex(PrefixFill.NumSlots));
    }

    private static void Peer(PrefixesOptions options, BenchmarkReport report, int size, PrefixFill fill, Lookups ours, string peer, Func<IPrefixIndex> create)
    {
        FreeMemory.Collect();
        if (FreeMemory.Bytes() < size * PeerBytesPerBlock)
        {
            report.Line($"{"",11}  {peer}: left out, {FreeMemory.Bytes() >> 20:n0} MB are free, {(size * PeerBytesPerBlock) >> 20:n0} needed");
            return;
        }

        long before = GC.GetTotalMemory(forceFullCollection: false);
        IPrefixIndex other = create();
        new PrefixFill(size, 1, 0).Apply(other, new Random(options.Seed));
        double bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)size;
        Lookups theirs = Measure(other, fill, options.Seed);
        if (theirs.Checksum != ours.Checksum)
        {
            throw new BenchmarkFault($"At {size} blocks our answers differ from those of the {peer}.");
        }

        Print(report, $"{"",11}  {peer,-23}{bytes,8:0.0}{"",9}", theirs, $"{"",9}");
        report.Row(new { cell = "lookup", size, held = "one holder", peer, bytesPerBlock = bytes, theirs.Short, theirs.Long, theirs.None });
        report.Bar($"one holder, {size:n0}: p50 of 1 to 215 blocks, ours / {peer}", ours.Short.P50 / theirs.Short.P50, 1);
        GC.KeepAlive(other);
    }

    private static Lookups Measure(IPrefixIndex index, PrefixFill fill, int seed)
    {
        List<(long, int, int)> shortOnes = fill.Sequences.FindAll(static sequence => sequence.Length < PrefixFill.LongLength);
        List<(long, int, int)> longOnes = fill.Sequences.FindAll(static sequence => sequence.Length == PrefixFill.LongLength);
        Random random = new(seed);
        List<(long, int, int)> unknown = [.. Enumerable.Range(0, 100_000).Select(_ => (PrefixFill.Unknown(random), 100, 0))];
        Latency ofShort = LookupCell.Measure(index, shortOnes, seed, out ulong a);
        Latency ofLong = LookupCell.Measure(index, longOnes, seed, out ulong b);
        Latency ofNone = LookupCell.Measure(index, unknown, seed, out ulong c);
        return new Lookups(ofShort, ofLong, ofNone, a ^ (b * 3) ^ (c * 5));
    }

    private static void Print(BenchmarkReport report, string head, Lookups lookups, string loads) =>
        report.Line($"{head}   {Text(lookups.Short),-19}{loads}   {Text(lookups.Long),-19}{Text(lookups.None),-16}");

    private static string Text(Latency latency) => $"{latency.P50:0} / {latency.P99:0}";

    private readonly record struct Lookups(Latency Short, Latency Long, Latency None, ulong Checksum);
}
