using System.Net;
using StackExchange.Redis;

namespace Dynamo.Cluster.Settings;

/// <summary>How this project reaches Redis, and where it keeps its rows there.</summary>
public static class RedisOptions
{
    /// <summary>Under which Orleans keeps this project's rows.</summary>
    public const string ServiceId = "dynamo";

    /// <summary>Commands fail in seconds while it is away, and connecting is tried for ever.</summary>
    public static ConfigurationOptions Of(ClusterSettings settings)
    {
        ConfigurationOptions options = settings.RedisAccess.ToOptions();
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = options.SyncTimeout = options.AsyncTimeout = 2000;
        foreach (DnsEndPoint endpoint in settings.Redis)
        {
            options.EndPoints.Add(endpoint);
        }

        return options;
    }
}
