using System.Globalization;
using System.Text;
using Dynamo.Protocol.Load;

namespace Dynamo.Routing.Filters;

/// <summary>Hard limits: who may get a request at all.</summary>
public static class Eligibility
{
    /// <summary>Checks one worker.</summary>
    public static Ineligibility Of(RoutableWorker worker, ReadOnlySpan<WorkerId> excluded) =>
        worker.State == WorkerState.Ready && excluded.Contains(worker.Id) ? Ineligibility.Excluded : Of(worker.State);

    internal static Ineligibility Of(WorkerState state) => state switch
    {
        WorkerState.Loading => Ineligibility.Loading,
        WorkerState.Draining => Ineligibility.Draining,
        WorkerState.Failed => Ineligibility.Failed,
        _ => Ineligibility.None,
    };

    /// <summary>Says of all workers why none may get the request, for example <c>2 workers: 1 loading, 1 refused or not reached</c>.</summary>
    public static string Explain(ReadOnlySpan<RoutableWorker> workers, ReadOnlySpan<WorkerId> excluded)
    {
        if (workers.IsEmpty)
        {
            return "no worker has offered this model";
        }

        Span<int> counts = stackalloc int[NumReasons];
        counts.Clear();
        foreach (RoutableWorker worker in workers)
        {
            counts[(int)Of(worker, excluded)]++;
        }

        return Explain(workers.Length, counts);
    }

    internal static int NumReasons { get; } = Enum.GetValues<Ineligibility>().Length;

    internal static string Explain(int numWorkers, ReadOnlySpan<int> counts)
    {
        StringBuilder text = new(string.Create(CultureInfo.InvariantCulture, $"{numWorkers} {(numWorkers == 1 ? "worker" : "workers")}"));
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
        Ineligibility.NotPinned => "not the one asked for",
        Ineligibility.Busy => "too busy",
        Ineligibility.QueueFull => "with enough prompts to compute",
        Ineligibility.NoRoom => "without room for the prompt",
        Ineligibility.OtherClass => "of another numerics class",
        _ => "refused or not reached",
    };
}
