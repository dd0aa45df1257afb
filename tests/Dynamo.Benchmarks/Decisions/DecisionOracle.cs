using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;
using Dynamo.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Scoring;

namespace Dynamo.Benchmarks.Decisions;

/// <summary>
/// Counts the blocks of a prompt that a worker has, one by one, in plain sets, and checks decisions with that: overlaps are these counts, costs
/// are what their input gives, and the worker is one with the lowest.
/// </summary>
/// <param name="held">By worker: what it holds. Only read.</param>
/// <param name="options">How the router decides.</param>
internal sealed class DecisionOracle(HashSet<BlockKey>[] held, RouterOptions options)
{
    private readonly Dictionary<BlockKey, int>[] _booked = [.. held.Select(static _ => new Dictionary<BlockKey, int>())];

    /// <summary>Collects what a fleet holds.</summary>
    public static HashSet<BlockKey>[] Collect(FleetContent content)
    {
        HashSet<BlockKey>[] held = [.. Enumerable.Range(0, content.NumWorkers).Select(static _ => new HashSet<BlockKey>())];
        content.Fill((worker, blocks) =>
        {
            foreach (BlockKey block in blocks)
            {
                held[worker].Add(block);
            }
        });
        return held;
    }

    /// <summary>Checks a decision made when exactly what was told to <see cref="Book"/> was booked.</summary>
    public void Check(RouteRequest query, ExplainedDecision decision)
    {
        Require(decision.Status == RouteStatus.Routed, $"a request is {decision.Status}");
        double chosen = double.NaN;
        double least = double.PositiveInfinity;
        foreach (Candidate candidate in decision.Candidates)
        {
            (int known, int booked) = Depths(candidate.Worker, query.Blocks);
            Require(candidate.Input.OverlapBlocks == Math.Max(known, booked), $"{candidate.Input.OverlapBlocks} blocks of a prompt are at a worker that has {known} and gets {booked}");
            Require(candidate.Input.NewBlocks == candidate.Input.PromptBlocks - booked, $"{candidate.Input.NewBlocks} blocks are new where {booked} are booked");
            if (options.Mode == RouterMode.KV)
            {
                double cost = options.Cost == RouterCost.Time ? candidate.Time!.Value.Total : candidate.Dynamo!.Value.Total;
                least = Math.Min(least, cost);
                chosen = candidate.Worker == decision.Worker ? cost : chosen;
            }
        }

        int overlap = OverlapBlocks(decision.Worker!.Value, query.Blocks);
        Require(decision.OverlapBlocks == overlap, $"the worker that was chosen has or gets {overlap} blocks, not {decision.OverlapBlocks}");
        Require(options.Mode != RouterMode.KV || chosen == least, $"the chosen worker costs {chosen}, another {least}");
    }

    /// <summary>Blocks of a prompt, from the first on, that a worker has or gets.</summary>
    public int OverlapBlocks(WorkerId worker, BlockKey[] prompt)
    {
        (int known, int booked) = Depths(worker, prompt);
        return Math.Max(known, booked);
    }

    /// <summary>A request is at a worker from now on.</summary>
    public void Book(WorkerId worker, BlockKey[] blocks) => Count(worker, blocks, 1);

    /// <summary>It is over.</summary>
    public void Release(WorkerId worker, BlockKey[] blocks) => Count(worker, blocks, -1);

    private void Count(WorkerId worker, BlockKey[] blocks, int change)
    {
        Dictionary<BlockKey, int> booked = _booked[IndexOf(worker)];
        foreach (BlockKey block in blocks)
        {
            int count = booked.GetValueOrDefault(block) + change;
            if (count == 0)
            {
                booked.Remove(block);
            }
            else
            {
                booked[block] = count;
            }
        }
    }

    private (int Known, int Booked) Depths(WorkerId worker, BlockKey[] prompt)
    {
        int index = IndexOf(worker);
        return (Longest(prompt, held[index].Contains), Longest(prompt, _booked[index].ContainsKey));
    }

    private static int Longest(BlockKey[] prompt, Func<BlockKey, bool> has)
    {
        int depth = 0;
        while (depth < prompt.Length && has(prompt[depth]))
        {
            depth++;
        }

        return depth;
    }

    private static int IndexOf(WorkerId worker) => (int)worker.Value - 1;

    private static void Require(bool isTrue, string fault)
    {
        if (!isTrue)
        {
            throw new BenchmarkFault($"A decision is wrong: {fault}.");
        }
    }
}
