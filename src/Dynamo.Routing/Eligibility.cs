using System.Globalization;
using System.Text;
using Dynamo.Protocol.Load;

namespace Dynamo.Routing;

/// <summary>Hard limits: who may get a request at all.</summary>
public static class Eligibility
{
    /// <summary>Checks one worker.</summary>
    public static Ineligibility Of(RoutableWorker worker, ReadOnlySpan<WorkerId> excluded) => worker.State switch
    {
        WorkerState.Loading => Ineligibility.Loading,
        WorkerState.Draining => Ineligibility.Draining,
        WorkerState.Failed => Ineligibility.Failed,
        _ => excluded.Contains(worker.Id) ? Ineligibility.Excluded : Ineligibility.None,
    };

    /// <summary>Says of all workers why none may get the request, for example <c>2 workers: 1 loading, 1 excluded</c>.</summary>
    public static string Explain(ReadOnlySpan<RoutableWorker> workers, ReadOnlySpan<WorkerId> excluded)
    {
        if (workers.IsEmpty)
        {
            return "no worker has offered this model";
        }

        Span<int> counts = stackalloc int[(int)Ineligibility.Excluded + 1];
        counts.Clear();
        foreach (RoutableWorker worker in workers)
        {
            counts[(int)Of(worker, excluded)]++;
        }

        StringBuilder text = new(string.Create(CultureInfo.InvariantCulture, $"{workers.Length} {(workers.Length == 1 ? "worker" : "workers")}"));
        string separator = ": ";
        for (int i = 1; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{separator}{counts[i]} {Name((Ineligibility)i)}");
                separator = ", ";
            }
        }

        return text.ToString();
    }

    private static string Name(Ineligibility reason) => reason switch
    {
        Ineligibility.Loading => "loading",
        Ineligibility.Draining => "draining",
        Ineligibility.Failed => "failed",
        _ => "refused or not reached",
    };
}
