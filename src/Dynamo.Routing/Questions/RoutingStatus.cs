namespace Dynamo.Routing.Questions;

/// <summary>What became of a request at the router.</summary>
public enum RoutingStatus : byte
{
    /// <summary>A worker was chosen, and the request is booked there.</summary>
    Routed,

    /// <summary>It waits at the router, because every worker has enough to do; <see cref="Router.TryTakeReleased"/> tells when it is sent.</summary>
    Held,

    /// <summary>Workers serve the model and all are too busy: try again later.</summary>
    Overloaded,

    /// <summary>No worker can serve it.</summary>
    Unavailable,

    /// <summary>It lacks what the mode needs.</summary>
    Invalid,
}
