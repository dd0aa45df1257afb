namespace Dynamo.Cluster.Deployments;

/// <summary>The grain storage that holds the cluster's few persisted records.</summary>
internal static class ClusterStorage
{
    public const string Name = "dynamo";
}
