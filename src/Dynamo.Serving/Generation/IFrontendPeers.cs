namespace Dynamo.Serving.Generation;

/// <summary>The other frontends of the cluster, at which clients of this one may go on. Thread-safe.</summary>
public interface IFrontendPeers
{
    /// <summary>Whether there is one.</summary>
    bool Any { get; }
}
