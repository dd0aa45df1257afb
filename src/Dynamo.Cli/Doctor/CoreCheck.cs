using Dynamo.Diagnostics;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Sharing;

namespace Dynamo.Cli.Doctor;

/// <summary>How the workers of this host share its cores.</summary>
internal static class CoreCheck
{
    private const string Name = "cores";

    /// <summary>Looks.</summary>
    public static Finding Look()
    {
        int numCores = Environment.ProcessorCount;
        string cores = $"{numCores} core{(numCores == 1 ? "" : "s")}";
        try
        {
            return Of(cores, numCores, HostWorker.All());
        }
        catch (EngineStartException e)
        {
            return Finding.Fail(Name, cores, e.Message, "no worker starts here until then");
        }
    }

    private static Finding Of(string cores, int numCores, IReadOnlyList<HostWorker> workers)
    {
        if (workers.Count == 0)
        {
            return Finding.Ok(Name, cores, "no worker computes on them");
        }

        string list = string.Join(", ", workers.Select(static worker =>
            $"process {worker.ProcessId} {(worker.IsBusy ? "is busy" : "waits")} ({worker.NumThreads} thread{(worker.NumThreads == 1 ? "" : "s")}{(worker.IsFixed ? ", as told" : "")})"));
        string value = $"{workers.Count} worker{(workers.Count == 1 ? "" : "s")}: {list}";
        return workers.Any(static worker => worker.IsFixed) && workers.Sum(static worker => worker.IsFixed ? worker.NumThreads : 1) > Math.Max(numCores, workers.Count)
            ? Finding.Warn(Name, cores, value, "leave --num-threads out, and workers share the cores by themselves")
            : Finding.Ok(Name, cores, value);
    }
}
