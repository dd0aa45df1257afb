namespace Dynamo.Cluster.Security.Membership;

/// <summary>What is wrong with the cluster's control plane as this process sees it. Serving goes on meanwhile. Thread-safe.</summary>
public interface IClusterHealth
{
    /// <summary>One line each; empty when all is well.</summary>
    IReadOnlyList<string> Faults { get; }
}
