using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Routing;
using Dynamo.Protocol.Routing;
using Dynamo.Serving.Streams;

namespace Dynamo.Serving.Admin;

/// <summary>What an operator sees of the cluster and does to it. Thread-safe.</summary>
public interface IClusterAdmin
{
    /// <summary>All workers as this frontend last saw them.</summary>
    IReadOnlyList<WorkerInfo> Workers { get; }

    /// <summary>The same with what the routers know of each; without it where a router does not answer.</summary>
    Task<IReadOnlyList<WorkerInfo>> ExamineAsync();

    /// <summary>Tells a worker to take no more requests, finish those that it has or give them to others, and stay until its process is ended.</summary>
    /// <param name="worker">Identity as <see cref="WorkerInfo.Id"/> spells it.</param>
    /// <returns><see langword="false"/> when there is no such worker.</returns>
    /// <exception cref="NoWorkerException">It cannot be reached now.</exception>
    Task<bool> DrainAsync(string worker);

    /// <summary>Empties the prefix caches of all workers that have one, but for blocks that sequences hold.</summary>
    /// <param name="model">Only the workers of this model; <see langword="null"/> for all.</param>
    /// <exception cref="NoWorkerException">Some do not answer; those that do have emptied theirs.</exception>
    Task ResetPrefixCachesAsync(string? model);

    /// <summary>Explains the newest decisions of the routers.</summary>
    /// <param name="request">A response's id or a sequence's, or <see langword="null"/> for all.</param>
    /// <param name="limit">Most decisions of each model.</param>
    /// <returns>By model, a JSON array: newest first, each with every worker that was looked at and every term of its cost.</returns>
    /// <exception cref="NoWorkerException">A router cannot be reached now.</exception>
    Task<IReadOnlyList<(string Model, string Decisions)>> ExplainAsync(string? request, int limit);

    /// <summary>When the workers of a model are too busy.</summary>
    /// <param name="model">Its name, or <see langword="null"/> for all.</param>
    /// <returns>By model; nothing when there is no such model.</returns>
    /// <exception cref="NoWorkerException">A router cannot be reached now.</exception>
    Task<IReadOnlyList<(string Model, BusyLimits Limits)>> GetBusyLimitsAsync(string? model);

    /// <summary>Sets it for all frontends, until it is set anew; what is left open stays as it is.</summary>
    /// <param name="model">Its name.</param>
    /// <param name="limits">What to set; <see langword="null"/> to have all as the routers' own flags say.</param>
    /// <returns><see langword="false"/> when there is no such model.</returns>
    /// <exception cref="NoWorkerException">It could not be kept; nothing has changed.</exception>
    Task<bool> SetBusyLimitsAsync(string model, BusyLimits? limits);
}

/// <summary>One worker.</summary>
public sealed record WorkerInfo
{
    /// <summary>Identity: 16 hexadecimal digits; empty while its engine was not told to load.</summary>
    public required string Id { get; init; }

    /// <summary>The model that it serves.</summary>
    public required string Model { get; init; }

    /// <summary>Address and port of its silo.</summary>
    public required string Address { get; init; }

    /// <summary>GPU of its head among those of its silo; a process with several runs a worker on each. <see langword="null"/> when its engine is gone.</summary>
    public int? Gpu { get; init; }

    /// <summary>forming, loading, ready, draining, failed; unreachable where this frontend has no word from one that was ready or draining.</summary>
    public required string State { get; init; }

    /// <summary>Generation of the instance.</summary>
    public required long Generation { get; init; }

    /// <summary>It is drained and nothing runs there: its process can be ended without loss, once that is so for all workers of it.</summary>
    public required bool SafeToDelete { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>Its KV blocks; <see langword="null"/> until it is ready.</summary>
    public int? NumBlocks { get; init; }

    /// <summary>What its rounding depends on, and whether it is exact at all (<see cref="Exactness"/>); <see langword="null"/> until it is ready.</summary>
    public string? NumericsClass { get; init; }

    /// <summary>What its model's router knows of its cache and load.</summary>
    public WorkerCacheView? Cache { get; init; }
}
