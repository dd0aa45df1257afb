using System.Diagnostics;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Prefixes;
using Dynamo.Routing.Workers;

namespace Dynamo.Benchmarks.Decisions;

/// <summary>
/// One router over one fleet, with some requests at each worker: each decision is followed by the first token of an earlier request and the end
/// of a still earlier one. Checks come after each batch, so that they are not timed.
/// </summary>
internal sealed class RouterCell
{
    private const double MillisecondsPerRequest = 500;

    private readonly FleetContent _content;
    private readonly int _mostLive;
    private readonly DecisionOracle _oracle;
    private readonly Router _router;
    private readonly Random _random;
    private readonly Queue<RouteRequest> _queued = [];
    private readonly Queue<(RouteRequest Query, WorkerId Worker)> _live = [];
    private double _now;

    /// <summary>Fills the router and the fleet.</summary>
    /// <param name="content">What workers hold.</param>
    /// <param name="held">The same for the oracle.</param>
    /// <param name="options">How to decide.</param>
    /// <param name="livePerWorker">Requests under way for each worker of the fleet whose content it is.</param>
    /// <param name="seed">Equal seeds, equal requests.</param>
    public RouterCell(FleetContent content, HashSet<BlockKey>[] held, RouterOptions options, int livePerWorker, int seed)
    {
        _content = content;
        _mostLive = livePerWorker * content.LikeWorkers;
        _oracle = new DecisionOracle(held, options);
        _random = new Random(seed);
        _router = new Router(options, static () => new PrefixIndex(), new Random(seed));
        for (int i = 0; i < content.NumWorkers; i++)
        {
            _router.SetWorker(Id(i), WorkerState.Ready, new WorkerLimits(content.NumBlocks, 8192), now: 0);
        }

        content.Fill((worker, blocks) => _router.Stored(Id(worker), null, blocks));
        Turns(_mostLive, null);
    }

    /// <summary>Decides where turns of conversations go.</summary>
    /// <param name="count">How many.</param>
    /// <param name="samples">Where the times go, if anywhere.</param>
    public void Turns(int count, DecisionSamples? samples)
    {
        RouteRequest[] queries = [.. Enumerable.Range(0, count).Select(_ => Query(_content.Turn(_random)))];
        ExplainedDecision[] decisions = new ExplainedDecision[count];
        RouteRequest[] computed = [.. _queued.Concat(queries).Take(_queued.Count + count - _content.NumWorkers)];
        RouteRequest[] ended = [.. _live.Select(static live => live.Query).Concat(queries).Take(_live.Count + count - _mostLive)];
        Time(queries, decisions, computed, ended, samples);
        for (int i = 0; i < count; i++)
        {
            _oracle.Check(queries[i], decisions[i]);
            _queued.Enqueue(queries[i]);
            _live.Enqueue((queries[i], decisions[i].Worker!.Value));
            _oracle.Book(decisions[i].Worker!.Value, queries[i].Blocks);
            if (_queued.Count > _content.NumWorkers)
            {
                _queued.Dequeue();
            }

            if (_live.Count > _mostLive)
            {
                (RouteRequest query, WorkerId worker) = _live.Dequeue();
                _oracle.Release(worker, query.Blocks);
            }
        }
    }

    /// <summary>Decides where long documents go; each is over before the next comes.</summary>
    public void Documents(int count, DecisionSamples? samples)
    {
        RouteRequest[] queries = [.. Enumerable.Range(0, count).Select(_ => Query(_content.Document(_random)))];
        ExplainedDecision[] decisions = new ExplainedDecision[count];
        Time(queries, decisions, queries, queries, samples);
        for (int i = 0; i < count; i++)
        {
            _oracle.Check(queries[i], decisions[i]);
        }
    }

    // The last ones of the shorter arrays fall together with the last queries.
    private void Time(RouteRequest[] queries, ExplainedDecision[] decisions, RouteRequest[] computed, RouteRequest[] ended, DecisionSamples? samples)
    {
        double step = MillisecondsPerRequest / _content.LikeWorkers;
        long allocated = 0;
        for (int i = 0; i < queries.Length; i++)
        {
            _now += step;
            int iComputed = i - (queries.Length - computed.Length);
            int iEnded = i - (queries.Length - ended.Length);
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            decisions[i] = _router.Route(queries[i], _now);
            long routed = Stopwatch.GetTimestamp();
            if (iComputed >= 0)
            {
                _router.FirstToken(computed[iComputed].Request, _now);
            }

            if (iEnded >= 0)
            {
                _router.Ended(ended[iEnded].Request, _now);
            }

            long over = Stopwatch.GetTimestamp();
            allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;
            samples?.Add(routed - start, over - routed);
        }

        samples?.EndBatch(allocated);
    }

    private static RouteRequest Query(BlockKey[] blocks) =>
        new() { Request = RequestId.New(), Blocks = blocks, NumTokens = (blocks.Length * FleetContent.BlockSize) + 1 };

    private static WorkerId Id(int worker) => new((ulong)worker + 1);
}
