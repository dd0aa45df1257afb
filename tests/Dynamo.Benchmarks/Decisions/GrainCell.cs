using System.Diagnostics;
using Dynamo.Abstractions.Routing;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Configuration;

namespace Dynamo.Benchmarks.Decisions;

/// <summary>
/// One router's grain, called from one silo or another, one call after the other: an empty one, a decision, and the news of an earlier request's
/// first token and end. Two requests are at each worker.
/// </summary>
internal sealed class GrainCell(string model, FleetContent content, HashSet<BlockKey>[] held, RouterOptions options, int seed)
{
    private readonly DecisionOracle _oracle = new(held, options);
    private readonly Random _random = new(seed);
    private readonly Queue<(RequestId Request, WorkerId Worker, BlockKey[] Blocks)> _live = [];

    /// <summary>Lets the fleet get its requests.</summary>
    public Task FillAsync(IGrainFactory caller) => RunAsync(caller, 2 * content.NumWorkers, null);

    /// <summary>Calls.</summary>
    /// <param name="caller">The silo that calls.</param>
    /// <param name="count">Decisions.</param>
    /// <param name="samples">Where the times go, if anywhere.</param>
    public async Task RunAsync(IGrainFactory caller, int count, GrainSamples? samples)
    {
        IRouterGrain router = caller.GetGrain<IRouterGrain>(model);
        for (int i = 0; i < count; i++)
        {
            BlockKey[] blocks = content.Turn(_random);
            RouteRequest request = new() { Request = RequestId.New(), Blocks = blocks, BlockSize = FleetContent.BlockSize, NumTokens = (blocks.Length * FleetContent.BlockSize) + 1 };
            long start = Stopwatch.GetTimestamp();
            await router.ExplainAsync(null, 0);
            long called = Stopwatch.GetTimestamp();
            RouteDecision decision = await router.RouteAsync(request);
            long decided = Stopwatch.GetTimestamp();
            Check(request, decision);
            long telling = Stopwatch.GetTimestamp();
            if (_live.Count > 2 * content.NumWorkers)
            {
                (RequestId over, WorkerId worker, BlockKey[] booked) = _live.Dequeue();
                _oracle.Release(worker, booked);
                telling = Stopwatch.GetTimestamp();
                await router.NotifyAsync([new SequenceEvent(over, SequenceEventKind.FirstToken), new SequenceEvent(over, SequenceEventKind.Ended)]);
            }

            samples?.Add(called - start, decided - called, Stopwatch.GetTimestamp() - telling);
        }
    }

    private void Check(RouteRequest request, RouteDecision decision)
    {
        if (decision.Status != RouteStatus.Routed)
        {
            throw new BenchmarkFault($"The grain answers {decision.Status}: {decision.Reason}.");
        }

        int overlap = _oracle.OverlapBlocks(decision.Worker!.Value, request.Blocks) * FleetContent.BlockSize;
        if (decision.NumOverlapTokens != overlap)
        {
            throw new BenchmarkFault($"The grain says that {decision.NumOverlapTokens} tokens are where it sends a prompt, and {overlap} are.");
        }

        _live.Enqueue((request.Request, decision.Worker!.Value, request.Blocks));
        _oracle.Book(decision.Worker!.Value, request.Blocks);
    }
}
