using Dynamo.Protocol.Load;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Scoring;

namespace Dynamo.Routing.Picking;

/// <summary>
/// Gives each eligible worker its turn. It remembers the worker, not a position, so that turns stay fair while workers come and go. Not
/// thread-safe.
/// </summary>
public sealed class RoundRobinPicker
{
    private WorkerId _last;

    /// <summary>Picks the next eligible worker in ascending order of ids.</summary>
    /// <param name="workers">Ascending by id.</param>
    /// <param name="excluded">Workers that cannot get this request.</param>
    /// <returns>Index in <paramref name="workers"/>, or <see langword="null"/> when none is eligible.</returns>
    public int? Pick(ReadOnlySpan<RoutableWorker> workers, ReadOnlySpan<WorkerId> excluded)
    {
        int start = 0;
        while (start < workers.Length && workers[start].Id.Value <= _last.Value)
        {
            start++;
        }

        for (int i = 0; i < workers.Length; i++)
        {
            int index = (start + i) % workers.Length;
            if (Eligibility.Of(workers[index], excluded) == Ineligibility.None)
            {
                _last = workers[index].Id;
                return index;
            }
        }

        return null;
    }

    /// <summary>The same among workers that were assessed.</summary>
    internal int? Pick(Assessment assessment)
    {
        int start = assessment.FirstAfter(_last);
        for (int i = 0; i < assessment.Count; i++)
        {
            int index = (start + i) % assessment.Count;
            if (assessment.ReasonAt(index) == Ineligibility.None)
            {
                _last = assessment.Worker(index).Id;
                return index;
            }
        }

        return null;
    }
}
