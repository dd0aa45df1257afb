using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Prefixes;
using Dynamo.Routing.Workers;

namespace Dynamo.UnitTests.Routing;

/// <summary>A router whose workers have ids 1, 2, ...; blocks of 10 tokens, prompts named by their blocks, moments in milliseconds.</summary>
internal sealed class TestRouter
{
    public TestRouter(int numWorkers, RouterOptions options, int numBlocks = 100, int seed = 1)
    {
        Router = new Router(options, static () => new PrefixIndex(), new Random(seed));
        for (ulong id = 1; id <= (ulong)numWorkers; id++)
        {
            Router.SetWorker(new WorkerId(id), WorkerState.Ready, new WorkerLimits(numBlocks, 1000), 0);
        }
    }

    public static RouterOptions KV { get; } = new() { BlockSize = 10 };

    public Router Router { get; }

    public static RequestId Id(int request) => new(new Guid(request, 0, 0, new byte[8]));

    public static RouteRequest Query(int request, params ulong[] blocks) => new() { Request = Id(request), Blocks = TestKeys.Of(blocks), NumTokens = blocks.Length * 10 };

    public ExplainedDecision Route(int request, double now, params ulong[] blocks) => Router.Route(Query(request, blocks), now);

    /// <summary>Worker of the decision, 0 for none.</summary>
    public int WorkerOf(int request, double now, params ulong[] blocks) => (int)(Route(request, now, blocks).Worker?.Value ?? 0);

    /// <summary>Requests released since, each with its worker, 0 for refused.</summary>
    public IReadOnlyList<(int Request, int Worker)> Released()
    {
        List<(int, int)> released = [];
        while (Router.TryTakeReleased(out ExplainedDecision? decision))
        {
            released.Add((BitConverter.ToInt32(decision.Request.Value.ToByteArray()), (int)(decision.Worker?.Value ?? 0)));
        }

        return released;
    }

    public void Store(ulong worker, params ulong[] blocks) => Router.Stored(new WorkerId(worker), null, TestKeys.Of(blocks));
}
