using Dynamo.Routing.Prefixes;
using Dynamo.UnitTests.Routing.Prefixes;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>Lookups and memory at growing sizes, beside what memory costs over as many bytes at that moment.</summary>
internal static class SizesCell
{
    // Beyond it the peers alone would need more than this machine may give.
    private const int MaxPeerBlocks = 1_000_000;

    private static readonly (string Name, int NumHolders, int HolesPercent)[] Fills =
    [
        ("one holder", 1, 0), ("64 holders", 64, 0), ("64 holders, 2 % holes", 64, 2),
    ];

    public static void Run(PrefixesOptions options, PrefixesReport report)
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
                Cell(options, report, size, name, new PrefixFill(size, holders, holes), firstLoads, compare, isPeerCell: size <= MaxPeerBlocks && holders == 1);
            }
        }
    }

    private static void Cell(
        PrefixesOptions options, PrefixesReport report, int size, string name, PrefixFill fill, Dictionary<string, double> firstLoads, double compare, bool isPeerCell)
    {
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

        (string, IPrefixIndex)[] peers = [("dictionary of sets", new DictionaryPrefixIndex()), ("tree of nodes", new NodeTreePrefixIndex(PrefixFill.NumSlots))];
        foreach ((string peer, IPrefixIndex other) in peers)
        {
            new PrefixFill(size, 1, 0).Apply(other, new Random(options.Seed));
            Lookups theirs = Measure(other, fill, options.Seed);
            if (theirs.Checksum != ours.Checksum)
            {
                throw new BenchmarkFault($"At {size} blocks our answers differ from those of the {peer}.");
            }

            Print(report, $"{"",11}  {peer,-23}{"",8}{"",9}", theirs, $"{"",9}");
            report.Row(new { cell = "lookup", size, held = name, peer, theirs.Short, theirs.Long, theirs.None });
            GC.KeepAlive(other);
        }
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

    private static void Print(PrefixesReport report, string head, Lookups lookups, string loads) =>
        report.Line($"{head}   {Text(lookups.Short),-19}{loads}   {Text(lookups.Long),-19}{Text(lookups.None),-16}");

    private static string Text(Latency latency) => $"{latency.P50:0} / {latency.P99:0}";

    private readonly record struct Lookups(Latency Short, Latency Long, Latency None, ulong Checksum);
}
