namespace Dynamo.Cluster.Membership;

/// <summary>What is wrong with a part of the cluster's control plane, Redis or NATS, as this process sees it. Serving goes on meanwhile. Thread-safe.</summary>
public interface IClusterHealth
{
    /// <summary>One line each; empty when all is well.</summary>
    IReadOnlyList<string> Faults { get; }
}
