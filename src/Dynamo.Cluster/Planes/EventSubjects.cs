using Dynamo.Protocol.Load;

namespace Dynamo.Cluster.Planes;

/// <summary>Subjects of one cluster in NATS: <c>dynamo.CLUSTER.kv.MODEL.WORKER</c>, so that clusters may share a server.</summary>
/// <param name="clusterId">Name of the cluster.</param>
internal sealed class EventSubjects(string clusterId)
{
    private readonly string _prefix = $"dynamo.{Escape(clusterId)}.kv.";

    /// <summary>The subject of one worker.</summary>
    public string Of(string model, WorkerId worker) => $"{_prefix}{Escape(model)}.{worker}";

    /// <summary>Matches the subjects of all workers of a model.</summary>
    public string All(string model) => $"{_prefix}{Escape(model)}.*";

    // Names may hold what separates or matches in a subject: '.', '*', '>', spaces. Per cent escapes leave letters, digits and -_~.
    private static string Escape(string name) => Uri.EscapeDataString(name).Replace(".", "%2E", StringComparison.Ordinal);
}
