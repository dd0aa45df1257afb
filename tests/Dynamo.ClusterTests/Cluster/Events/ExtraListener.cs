using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Cluster.Events;
using Dynamo.ClusterTests.Support;
using Dynamo.Protocol.KV;
using Dynamo.Worker.Engines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>Listens to the workers of a cluster beside its router, on NATS alone: while that is away, it hears nothing but answers to its own questions.</summary>
internal sealed class ExtraListener : IAsyncDisposable
{
    // Static, because one that is collected while its last task ends takes the process down.
    private static readonly ConcurrentExclusiveSchedulerPair Schedulers = new();

    private readonly DynamoCluster _cluster;
    private readonly HeldBlocks _held = new();
    private readonly RouterEvents _events;

    private ExtraListener(DynamoCluster cluster)
    {
        _cluster = cluster;
        NatsFeed feed = cluster.Frontends.First().GetRequiredService<NatsFeed>();
        _events = new RouterEvents(DynamoCluster.Model, _held, SourceOf, feed, Counts, TimeProvider.System, NullLogger.Instance);
    }

    public EventCounts Counts { get; } = new();

    public static async Task<ExtraListener> StartAsync(DynamoCluster cluster)
    {
        ExtraListener listener = new(cluster);
        ModelView view = await cluster.Grains.GetGrain<IModelGrain>(DynamoCluster.Model).GetViewAsync();
        await OnSchedulerAsync(() =>
        {
            listener._events.Start();
            listener._events.Update(view.Instances);
            return true;
        });
        return listener;
    }

    /// <summary>Waits until it knows of every worker exactly the blocks that the worker holds.</summary>
    public Task UntilExactAsync() => _cluster.UntilAsync(
        async () =>
        {
            foreach (EngineHost engine in _cluster.Engines)
            {
                KVBlockPage page = (await engine.ListBlocksAsync(engine.RunningGeneration, 0))!;
                ulong[] keys = [.. page.Runs.SelectMany(static run => run.Blocks).Select(static block => block.Value)];
                if (!await OnSchedulerAsync(() => keys.ToHashSet().SetEquals(_held.Of(page.Worker))))
                {
                    return false;
                }
            }

            return true;
        },
        "the listener to hold the workers' own lists");

    public async ValueTask DisposeAsync() => await await OnSchedulerAsync(async () => await _events.DisposeAsync());

    private static Task<T> OnSchedulerAsync<T>(Func<T> run) =>
        Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.None, Schedulers.ExclusiveScheduler);

    private InstanceEventSource SourceOf(InstanceKey instance) => new(_cluster.Grains.GetGrain<IModelInstanceGrain>(instance.ToString()));
}
