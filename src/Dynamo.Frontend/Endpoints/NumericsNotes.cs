using System.Globalization;
using Dynamo.Abstractions.Instances;
using Dynamo.Serving.Admin;

namespace Dynamo.Frontend.Endpoints;

/// <summary>Says of which models the answers may differ from one time to the next, and in what. Names no worker: <c>/health</c> is open to all.</summary>
internal static class NumericsNotes
{
    /// <summary>Looks at the workers that are ready; two notes a model at most, none where all are exact in one class.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<WorkerInfo> workers)
    {
        foreach (IGrouping<string, WorkerInfo> model in workers
            .Where(static worker => worker is { State: "ready", NumericsClass: not null })
            .GroupBy(static worker => worker.Model)
            .OrderBy(static model => model.Key, StringComparer.Ordinal))
        {
            IGrouping<string, WorkerInfo>[] classes = [.. model.GroupBy(static worker => worker.NumericsClass!).OrderBy(static group => group.Key, StringComparer.Ordinal)];
            IGrouping<string, WorkerInfo>[] inexact = [.. classes.Where(static group => !Exactness.IsPromisedBy(group.Key))];
            if (inexact.Length > 0)
            {
                yield return $"Ready workers of model {model.Key} that are not exact: {Counts(inexact)} ({model.Count()} are ready). There {Exactness.WhenInexact}.";
            }

            if (classes.Length > 1)
            {
                yield return $"Ready workers of model {model.Key} round differently: {Counts(classes)}. So {Exactness.WhenDifferent}.";
            }
        }
    }

    private static string Counts(IEnumerable<IGrouping<string, WorkerInfo>> classes) =>
        string.Join("; ", classes.Select(static group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} of {group.Key}")));
}
