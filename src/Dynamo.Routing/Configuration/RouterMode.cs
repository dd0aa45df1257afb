namespace Dynamo.Routing.Configuration;

/// <summary>Names of the modes that there are: how a worker is chosen among those that may get a request.</summary>
public static class RouterMode
{
    /// <summary>By a cost of prefixes held and load (<see cref="RouterCost"/>).</summary>
    public const string KV = "kv";

    /// <summary>One after the other.</summary>
    public const string RoundRobin = "round-robin";

    /// <summary>Any.</summary>
    public const string Random = "random";

    /// <summary>The one with the fewest requests.</summary>
    public const string LeastLoaded = "least-loaded";

    /// <summary>Of two drawn at random, the one with fewer requests.</summary>
    public const string PowerOfTwo = "power-of-two";

    /// <summary>The one that the request names.</summary>
    public const string Direct = "direct";
}
