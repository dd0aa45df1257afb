using System.Globalization;

namespace Dynamo.Diagnostics;

/// <summary>Whether a Redis server keeps the membership table safely and quickly.</summary>
public static class RedisCheck
{
    /// <summary>Name of this check.</summary>
    public const string Name = "redis";

    /// <summary>Clocks this far apart are told.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(1);

    // A silo gives up on a command after 2 s, and each probe round writes to the table.
    private static readonly TimeSpan SlowAnswer = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks at an answer.</summary>
    /// <param name="host">The server's host.</param>
    /// <param name="port">The server's port.</param>
    /// <param name="tableKey">Key of the membership table.</param>
    /// <param name="reading">What it said.</param>
    public static IEnumerable<Finding> Findings(string host, int port, string tableKey, RedisReading reading)
    {
        string subject = $"{host}:{port}";
        string client = $"redis-cli -h {host} -p {port}";
        string latency = string.Create(CultureInfo.InvariantCulture, $"{reading.Latency.TotalMilliseconds:0.0} ms");
        yield return Finding.Ok(Name, subject, $"Redis {Info("redis_version")}, {(Info("role") is { Length: > 0 } role ? role : "unknown role")}, answers in {latency}");

        if (reading.Latency > SlowAnswer)
        {
            yield return Finding.Warn(Name, subject, $"answers only after {latency}", "move Redis nearer to the silos, or relieve its host");
        }

        if (Info("loading") == "1")
        {
            yield return Finding.Warn(Name, subject, "is still loading its data", "wait until it is done");
        }

        if (Info("aof_enabled") != "1")
        {
            yield return Finding.Warn(
                Name,
                subject,
                "append-only file is off: after a restart the membership table is gone and the cluster splits",
                $"{client} config set appendonly yes; to keep it so, start it with --appendonly yes");
        }
        else if (Info("aof_last_write_status") is { Length: > 0 } status && status != "ok")
        {
            yield return Finding.Fail(Name, subject, $"the last write to its append-only file ended with '{status}'", "free disk space where Redis keeps its files");
        }

        if (Info("maxmemory") is not ("" or "0") && Info("maxmemory_policy").StartsWith("allkeys", StringComparison.Ordinal))
        {
            yield return Finding.Warn(
                Name,
                subject,
                $"may throw out the membership table when memory is short: maxmemory_policy is {Info("maxmemory_policy")}",
                $"{client} config set maxmemory-policy noeviction");
        }

        if (reading.TableExpiry is { } expiry)
        {
            yield return Finding.Fail(Name, tableKey, $"the membership table expires in {expiry.TotalSeconds:0} s", $"{client} persist {tableKey}");
        }

        if (reading.ClockOffset.Duration() > ClockTolerance)
        {
            yield return Finding.Warn(
                "clock",
                subject,
                $"Redis' clock is {ClockText.Offset(reading.ClockOffset)} this host's",
                "synchronise both hosts' clocks (chrony or systemd-timesyncd)");
        }

        string Info(string field) => reading.Info.GetValueOrDefault(field) ?? "";
    }
}
