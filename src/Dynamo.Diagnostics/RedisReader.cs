using System.Net;
using Dynamo.Cluster.Settings;
using StackExchange.Redis;

namespace Dynamo.Diagnostics;

/// <summary>Asks one Redis server.</summary>
public static class RedisReader
{
    private const int NumPings = 5;

    /// <summary>Connects, asks and disconnects.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="access">How to speak to it.</param>
    /// <param name="tableKey">Key of the membership table.</param>
    /// <param name="timeout">How long each answer may take.</param>
    /// <param name="time">This host's clock.</param>
    /// <exception cref="RedisException">It refuses, or is no Redis.</exception>
    /// <exception cref="TimeoutException">It does not answer.</exception>
    public static async Task<RedisReading> ReadAsync(DnsEndPoint endpoint, RedisAccess access, string tableKey, TimeSpan timeout, TimeProvider time)
    {
        int milliseconds = (int)timeout.TotalMilliseconds;
        ConfigurationOptions options = access.ToOptions();
        options.AbortOnConnectFail = true;

        // INFO counts as a command for administrators.
        options.AllowAdmin = true;
        options.ConnectRetry = 1;
        options.ConnectTimeout = options.AsyncTimeout = options.SyncTimeout = milliseconds;
        options.EndPoints.Add(endpoint);
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(2 * timeout, time);

        // A Sentinel leads to another server.
        IServer server = connection.GetServer(access.Primary is null ? endpoint : connection.GetEndPoints()[0]);
        IDatabase database = connection.GetDatabase();
        TimeSpan latency = await LatencyAsync(server);
        DateTimeOffset asked = time.GetUtcNow();
        DateTimeOffset redisTime = new(await server.TimeAsync(), TimeSpan.Zero);
        DateTimeOffset heard = time.GetUtcNow();
        Dictionary<string, string> info = new(StringComparer.Ordinal);
        foreach (IGrouping<string, KeyValuePair<string, string>> section in await server.InfoAsync())
        {
            foreach ((string name, string value) in section)
            {
                info[name] = value;
            }
        }

        List<MembershipRow> rows = [];
        List<string> unreadable = [];
        foreach (HashEntry entry in await database.HashGetAllAsync(tableKey))
        {
            string field = entry.Name.ToString();
            if (MembershipRow.Parse(entry.Value.ToString()) is { } row)
            {
                rows.Add(row);
            }
            else if (MembershipRow.IsRow(field))
            {
                unreadable.Add(field);
            }
        }

        return new RedisReading
        {
            Info = info,
            Latency = latency,
            Time = redisTime,
            ClockOffset = redisTime - asked - ((heard - asked) / 2),
            TableExpiry = await database.KeyTimeToLiveAsync(tableKey),
            Rows = rows,
            UnreadableRows = unreadable,
        };
    }

    private static async Task<TimeSpan> LatencyAsync(IServer server)
    {
        TimeSpan[] trips = new TimeSpan[NumPings];
        for (int i = 0; i < NumPings; i++)
        {
            trips[i] = await server.PingAsync();
        }

        Array.Sort(trips);
        return trips[NumPings / 2];
    }
}
