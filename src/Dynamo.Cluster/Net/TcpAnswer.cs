namespace Dynamo.Cluster.Net;

/// <summary>What came of an attempt to connect. Values are on the wire: append only.</summary>
public enum TcpAnswer : byte
{
    /// <summary>Something listens there.</summary>
    Connected = 0,

    /// <summary>The host answers, and nothing listens on the port.</summary>
    Refused = 1,

    /// <summary>No answer in time.</summary>
    Silence = 2,

    /// <summary>There is no way to the address.</summary>
    NoRoute = 3,

    /// <summary>The name has no address.</summary>
    NoName = 4,

    /// <summary>Another error.</summary>
    Failed = 5,
}

/// <summary>Words for <see cref="TcpAnswer"/>.</summary>
public static class TcpAnswerText
{
    /// <summary>The answer and what it usually means, in a few words.</summary>
    public static string Describe(this TcpAnswer answer) => answer switch
    {
        TcpAnswer.Connected => "reachable",
        TcpAnswer.Refused => "connection refused: the host is up and nothing listens on this port",
        TcpAnswer.Silence => "no answer: a firewall drops the packets, the address belongs to another network, or the host is down",
        TcpAnswer.NoRoute => "no route: the address belongs to a network that this host does not reach",
        TcpAnswer.NoName => "the name cannot be resolved",
        _ => "the connection failed",
    };
}
