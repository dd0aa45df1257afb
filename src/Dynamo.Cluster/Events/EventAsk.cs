namespace Dynamo.Cluster.Events;

/// <summary>What a listener wants to ask a worker.</summary>
internal enum EventAskKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Events from a number on.</summary>
    Events,

    /// <summary>A page of the list of its blocks.</summary>
    Page,
}

/// <summary>A question to a worker.</summary>
/// <param name="Kind">What is asked for.</param>
/// <param name="From">Number of the first event, or where the page begins.</param>
internal readonly record struct EventAsk(EventAskKind Kind, long From);
