namespace Dynamo.Benchmarks.Serving;

/// <summary>Memory of a cluster at a moment.</summary>
/// <param name="Frontend">The frontend's.</param>
/// <param name="Workers">Each mocker's.</param>
internal sealed record MemorySample(ProcessMemory Frontend, IReadOnlyList<ProcessMemory> Workers)
{
    public static MemorySample Of(ServingCluster cluster) =>
        new(ProcessMemory.Of(cluster.Frontend.Id), [.. cluster.Workers.Select(static worker => ProcessMemory.Of(worker.Id))]);
}
