using Dynamo.Abstractions.Routing;
using Dynamo.ClusterTests.Support;
using Dynamo.Protocol.KV;
using Dynamo.Serving.Streams;
using Dynamo.Worker.Engines;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>Compares what the router of a cluster knows with what its workers hold.</summary>
internal static class CacheViews
{
    /// <summary>Runs some sequences to their end.</summary>
    public static async Task RunAsync(this DynamoCluster cluster, int first, int count)
    {
        await Task.WhenAll(Enumerable.Range(first, count).Select(async number =>
        {
            await using ISequenceStream stream = await cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(number, 40), CancellationToken.None);
            await Sequences.ReadAsync(stream);
        }));
    }

    /// <summary>Waits until the router's view of every worker is the worker's own list.</summary>
    /// <returns>Blocks of all workers together.</returns>
    public static async Task<long> UntilExactAsync(this DynamoCluster cluster)
    {
        long numBlocks = 0;
        await cluster.UntilAsync(
            async () =>
            {
                WorkerCacheView[] views = await cluster.Grains.GetGrain<IRouterGrain>(DynamoCluster.Model).GetCachesAsync();
                numBlocks = views.Sum(static view => view.NumBlocks);
                foreach (EngineHost engine in cluster.Engines)
                {
                    if (!await IsExactAsync(engine, views))
                    {
                        return false;
                    }
                }

                return views.Length == cluster.Engines.Count();
            },
            "the router to know what every worker holds");
        return numBlocks;
    }

    private static async Task<bool> IsExactAsync(EngineHost engine, WorkerCacheView[] views)
    {
        KVBlockPage page = (await engine.ListBlocksAsync(engine.RunningGeneration, 0))!;
        int numBlocks = page.Runs.Sum(static run => run.Blocks.Length);
        return views.Any(view => view.Worker == page.Worker && view.IsCurrent && view.NumBlocks == numBlocks && view.LastEvent == page.LastEvent);
    }
}
