namespace Dynamo.Routing.Configuration;

/// <summary>How a worker is chosen among those that may get a request.</summary>
public enum RouterMode : byte
{
    /// <summary>By a cost of prefixes held and load (<see cref="RouterCost"/>).</summary>
    KV,

    /// <summary>One after the other.</summary>
    RoundRobin,

    /// <summary>Any.</summary>
    Random,

    /// <summary>The one with the fewest requests.</summary>
    LeastLoaded,

    /// <summary>Of two drawn at random, the one with fewer requests.</summary>
    PowerOfTwo,

    /// <summary>The one that the request names.</summary>
    Direct,
}
