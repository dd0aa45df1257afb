using System.Globalization;
using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Calls;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Liveness;
using Dynamo.Serving.Streams;

namespace Dynamo.Serving.Admin;

/// <summary>Reads the catalog's views and calls instances' grains.</summary>
internal sealed partial class ClusterAdmin(ModelCatalog catalog, WorkerWatch watch, IGrainFactory grains, TimeProvider time, ILogger<ClusterAdmin> logger)
    : IClusterAdmin
{
    private static readonly TimeSpan RouterTimeout = TimeSpan.FromSeconds(1);

    // A cache is emptied between two steps, and a step of a long prompt on a slow processor takes seconds.
    private static readonly TimeSpan ResetTimeout = TimeSpan.FromSeconds(10);

    public IReadOnlyList<WorkerInfo> Workers
    {
        get
        {
            WorkerId[] suspects = watch.Suspects;
            return [.. catalog.Instances.Select(instance => Describe(instance, suspects))];
        }
    }

    public async Task<IReadOnlyList<WorkerInfo>> ExamineAsync()
    {
        IReadOnlyList<WorkerInfo> workers = Workers;
        Dictionary<string, WorkerCacheView> caches = [];
        foreach (string model in workers.Select(static worker => worker.Model).Distinct())
        {
            try
            {
                foreach (WorkerCacheView cache in await grains.GetGrain<IRouterGrain>(model).GetCachesAsync().WaitAsync(RouterTimeout, time))
                {
                    caches[cache.Worker.ToString()] = cache;
                }
            }
            catch (Exception e) when (FailedCalls.IsUnreachable(e))
            {
                LogNoRouter(e, model);
            }
        }

        return [.. workers.Select(worker => worker with { Cache = caches.GetValueOrDefault(worker.Id) })];
    }

    public async Task<bool> DrainAsync(string worker)
    {
        if (!ulong.TryParse(worker, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong id)
            || catalog.InstanceOf(new WorkerId(id)) is not { } instance)
        {
            return false;
        }

        try
        {
            await grains.GetGrain<IModelInstanceGrain>(instance.ToString()).DrainAsync();
            return true;
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            throw new NoWorkerException($"Worker {worker} at {instance.Head.Endpoint} cannot be reached: {e.Message}");
        }
    }

    public async Task ResetPrefixCachesAsync(string? model)
    {
        InstanceReport[] instances = [.. catalog.Instances.Where(instance =>
            instance.State is InstanceState.Ready or InstanceState.Draining && (model is null || instance.Key.Model == model))];
        string?[] faults = await Task.WhenAll(instances.Select(ResetPrefixCacheAsync));
        if (faults.Any(static fault => fault is not null))
        {
            throw new NoWorkerException(
                $"The prefix caches of {faults.Count(static fault => fault is not null)} of {instances.Length} workers could not be emptied: {string.Join("; ", faults.Where(static fault => fault is not null))}");
        }
    }

    public async Task<IReadOnlyList<(string Model, string Decisions)>> ExplainAsync(string? request, int limit)
    {
        List<(string, string)> explained = [];
        foreach (ServedModel model in catalog.Models)
        {
            explained.Add((model.Name, await AskAsync(model.Name, router => router.ExplainAsync(request, limit))));
        }

        return explained;
    }

    public async Task<IReadOnlyList<(string Model, BusyLimits Limits)>> GetBusyLimitsAsync(string? model)
    {
        List<(string, BusyLimits)> limits = [];
        foreach (ServedModel served in catalog.Models.Where(served => model is null || served.Name == model))
        {
            limits.Add((served.Name, await AskAsync(served.Name, static router => router.GetBusyLimitsAsync())));
        }

        return limits;
    }

    public async Task<bool> SetBusyLimitsAsync(string model, BusyLimits? limits)
    {
        if (!catalog.Models.Any(served => served.Name == model))
        {
            return false;
        }

        try
        {
            await grains.GetGrain<IModelGrain>(model).SetBusyLimitsAsync(limits);
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException || FailedCalls.IsUnreachable(e))
        {
            throw new NoWorkerException($"The busy thresholds of model {model} cannot be set now: {e.Message}");
        }
    }

    // A worker whose engine is over has no cache any more.
    private async Task<string?> ResetPrefixCacheAsync(InstanceReport instance)
    {
        try
        {
            await grains.GetGrain<IModelInstanceGrain>(instance.Key.ToString()).ResetPrefixCacheAsync().WaitAsync(ResetTimeout, time);
            return null;
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            return $"worker {instance.Worker} at {instance.Key.Head.Endpoint}: {e.Message}";
        }
    }

    private async Task<T> AskAsync<T>(string model, Func<IRouterGrain, Task<T>> question)
    {
        try
        {
            return await question(grains.GetGrain<IRouterGrain>(model)).WaitAsync(RouterTimeout, time);
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            throw new NoWorkerException($"The router of model {model} cannot be reached: {e.Message}");
        }
    }

    private static WorkerInfo Describe(InstanceReport instance, WorkerId[] suspects) => new()
    {
        Id = instance.Worker == default ? "" : instance.Worker.ToString(),
        Model = instance.Key.Model,
        Address = instance.Key.Head.Endpoint.ToString(),
        Gpu = instance.Gpu,
        State = instance.State is InstanceState.Ready or InstanceState.Draining && suspects.Contains(instance.Worker)
            ? "unreachable"
            : instance.State.ToString().ToLowerInvariant(),
        Generation = instance.Key.Generation,
        SafeToDelete = instance is { State: InstanceState.Draining, NumLive: 0 } or { State: InstanceState.Failed },
        Error = instance.Error,
        NumBlocks = instance.Limits?.NumBlocks,
        NumericsClass = instance.Limits?.NumericsClass,
    };

    [LoggerMessage(LogLevel.Debug, "The router of model {Model} was not asked what it knows of its workers.")]
    private partial void LogNoRouter(Exception exception, string model);
}
