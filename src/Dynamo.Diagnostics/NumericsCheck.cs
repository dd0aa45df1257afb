using Dynamo.Abstractions.Instances;

namespace Dynamo.Diagnostics;

/// <summary>Whether a request gets the same bits at every instance of a model, and at one of them always the same.</summary>
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

            IGrouping<string, InstanceDiagnosis>[] classes = [.. ready.GroupBy(static instance => instance.NumericsClass!, StringComparer.Ordinal)];
            IGrouping<string, InstanceDiagnosis>[] inexact = [.. classes.Where(static group => !Exactness.IsPromisedBy(group.Key))];
            if (inexact.Length > 0)
            {
                yield return Finding.Warn(
                    Name,
                    model.Key,
                    $"instances are not exact: {Which(inexact)}",
                    $"{Exactness.WhenInexact}; where that matters, try another --dtype there, or end them and serve by processors and builds whose self-test holds");
            }

            if (classes.Length > 1)
            {
                yield return Finding.Warn(
                    Name,
                    model.Key,
                    $"instances round differently: {Which(classes)}",
                    $"{Exactness.WhenDifferent}; use equal --dtype, processors and builds where that matters");
            }
            else if (inexact.Length == 0)
            {
                yield return Finding.Ok(Name, model.Key, $"{ready.Length} ready, numerics {classes.Single().Key}");
            }
        }
    }

    private static string Which(IEnumerable<IGrouping<string, InstanceDiagnosis>> classes) =>
        string.Join("; ", classes.Select(static group => $"{group.Key} on {string.Join(", ", group.Select(static instance => instance.Head.Endpoint))}"));
}
