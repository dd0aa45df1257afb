namespace Dynamo.Cluster.Security.Membership;

/// <summary>This process must not join the cluster; the message says why and what to do.</summary>
public sealed class ClusterAdmissionException(string message, Exception? innerException = null) : Exception(message, innerException);
