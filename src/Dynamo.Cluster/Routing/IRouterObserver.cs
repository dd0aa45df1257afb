namespace Dynamo.Cluster.Routing;

/// <summary>Hears of routing in this process as it happens, on the thread that does it: must be quick and must not throw. Thread-safe.</summary>
public interface IRouterObserver
{
    /// <summary>A router that lives in this process has decided.</summary>
    /// <param name="model">Its model.</param>
    /// <param name="outcome">What.</param>
    void OnDecided(string model, in RoutingOutcome outcome);

    /// <summary>This process has asked a router, wherever that lives, and has an answer, its own or the router's.</summary>
    /// <param name="model">The router's model.</param>
    /// <param name="hashing">Time that the keys of the prompt's blocks took.</param>
    /// <param name="total">That and the wait for the answer.</param>
    void OnAsked(string model, TimeSpan hashing, TimeSpan total);

    /// <summary>A sequence of this process has gone on at a worker whose text may differ from what the one before would have said.</summary>
    /// <param name="model">Its model.</param>
    /// <param name="isOtherClass">Whether that worker is of another numerics class; otherwise their class is not exact.</param>
    void OnInexactMove(string model, bool isOtherClass);
}
