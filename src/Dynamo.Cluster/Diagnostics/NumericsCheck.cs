using Dynamo.Abstractions.Instances;

namespace Dynamo.Cluster.Diagnostics;

/// <summary>Whether a request that moves between instances of a model goes on with the same bits.</summary>
public static class NumericsCheck
{
    private const string Name = "model";

    /// <summary>Looks at all instances.</summary>
    /// <param name="instances">Instances of all models.</param>
    public static IEnumerable<Finding> Findings(IReadOnlyList<InstanceDiagnosis> instances)
    {
        foreach (IGrouping<string, InstanceDiagnosis> model in instances.GroupBy(static instance => instance.Model).OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            InstanceDiagnosis[] ready = [.. model.Where(static instance => instance is { State: InstanceState.Ready, NumericsClass: not null })];
            if (ready.Length == 0)
            {
                string states = string.Join(", ", model.Select(static instance => $"{instance.State} on {instance.Head.Endpoint}"));
                yield return Finding.Warn(Name, model.Key, $"no instance is ready: {states}", "wait while it loads; if it failed, the worker's log says why");
                continue;
            }

            ILookup<string, InstanceDiagnosis> classes = ready.ToLookup(static instance => instance.NumericsClass!, StringComparer.Ordinal);
            if (classes.Count == 1)
            {
                yield return Finding.Ok(Name, model.Key, $"{ready.Length} ready, numerics {classes.Single().Key}");
            }
            else
            {
                string which = string.Join("; ", classes.Select(static group => $"{group.Key} on {string.Join(", ", group.Select(static instance => instance.Head.Endpoint))}"));
                yield return Finding.Warn(
                    Name,
                    model.Key,
                    $"instances round differently: {which}",
                    "a request that moves between them may go on with other words; use equal --dtype, processors and builds where that matters");
            }
        }
    }
}
