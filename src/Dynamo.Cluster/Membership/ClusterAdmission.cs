using Dynamo.Cluster.Settings;
using Dynamo.Security.Keys;
using StackExchange.Redis;

namespace Dynamo.Cluster.Membership;

/// <summary>What a process does before it starts a silo: sees that the cluster may be joined, and agrees on its key with those who were first.</summary>
public static class ClusterAdmission
{
    /// <summary>How long Redis is waited for, so that it may be started at the same time.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private const string Made = "made ";
    private const string Given = "given ";

    /// <summary>Waits for Redis, checks and agrees.</summary>
    /// <returns>The settings with <see cref="ClusterSettings.Key"/> set.</returns>
    /// <exception cref="ClusterAdmissionException">Redis cannot be used, has lost the members of a running cluster, or the keys differ.</exception>
    public static ClusterSettings Enter(ClusterSettings settings) => Enter(settings, Timeout);

    /// <summary>As the other, with a timeout of one's own.</summary>
    internal static ClusterSettings Enter(ClusterSettings settings, TimeSpan timeout)
    {
        ClusterRecords records = new(settings);
        ConfigurationOptions options = RedisOptions.Of(settings);

        // A silo that refuses a connection says why only to the process that connects.
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        long start = Environment.TickCount64;
        while (true)
        {
            try
            {
                using ConnectionMultiplexer redis = ConnectionMultiplexer.Connect(options);
                return Enter(settings, records, redis.GetDatabase());
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                string? refusal = RedisRefusal.Of(e, settings.RedisAccess);
                if (refusal is not null || Environment.TickCount64 - start >= timeout.TotalMilliseconds)
                {
                    throw new ClusterAdmissionException($"Redis at {records.Address} cannot be used: {refusal ?? NoAnswer(settings.RedisAccess, timeout)}", e);
                }

#pragma warning disable RS0030 // Nothing else runs yet that could wait for it.
                Thread.Sleep(100);
#pragma warning restore RS0030
            }
        }
    }

    private static ClusterSettings Enter(ClusterSettings settings, ClusterRecords records, IDatabase redis)
    {
        RedisValue lost = redis.StringGet(records.Lost);
        if (lost.HasValue)
        {
            throw new ClusterAdmissionException(
                $"Redis at {records.Address} came back without the members of cluster '{records.ClusterId}', which still run ({lost}); joining now would make a second cluster. "
                + $"Restore Redis from its append-only file; or stop all processes of the cluster, run '{records.DeleteCommand(records.Lost)}' and start them again.");
        }

        return settings with { Key = Agree(settings.Key, records, redis) };
    }

    // The first process decides, in one step.
    private static ClusterKey Agree(ClusterKey? given, ClusterRecords records, IDatabase redis)
    {
        RedisValue record = redis.StringGet(records.Key);
        if (!record.HasValue)
        {
            string own = given is null ? Made + ClusterKey.Create().Reveal() : Given + given.Fingerprint(records.ClusterId);
            redis.StringSet(records.Key, own, when: When.NotExists);
            record = redis.StringGet(records.Key);
        }

        string text = record.ToString();
        if (text.StartsWith(Made, StringComparison.Ordinal) && ClusterKey.Parse(text[Made.Length..]) is { } made)
        {
            return given is null || given.Fingerprint(records.ClusterId) == made.Fingerprint(records.ClusterId) ? made : throw Differs(records);
        }

        if (!text.StartsWith(Given, StringComparison.Ordinal))
        {
            throw new ClusterAdmissionException($"the record '{records.Key}' in Redis at {records.Address} is none of dynamo's; remove it with '{records.DeleteCommand(records.Key)}'.");
        }

        if (given is null)
        {
            throw new ClusterAdmissionException(
                $"cluster '{records.ClusterId}' was started with a key of its own: give the same to this process by {ClusterKeyReader.Variable} or {ClusterKeyReader.FileFlag}.");
        }

        return text[Given.Length..] == given.Fingerprint(records.ClusterId) ? given : throw Differs(records);
    }

    private static ClusterAdmissionException Differs(ClusterRecords records) => new(
        $"the cluster key given by {ClusterKeyReader.Variable} or {ClusterKeyReader.FileFlag} is not the one that cluster '{records.ClusterId}' was started with. "
        + $"Give that one; or, to change it, stop all processes of the cluster and run '{records.DeleteCommand(records.Key)}'.");

    private static string NoAnswer(RedisAccess access, TimeSpan timeout) => access.Primary is { } primary
        ? $"no Sentinel there named a primary '{primary}' that answers within {timeout.TotalSeconds:0} s. Start them, or correct serviceName in {ClusterSettingsReader.RedisVariable}."
        : $"it did not answer within {timeout.TotalSeconds:0} s. Start it, or correct {ClusterSettingsReader.RedisVariable} or {ClusterSettingsReader.HeadNodeVariable}.";
}

/// <summary>This process must not join the cluster; the message says why and what to do.</summary>
public sealed class ClusterAdmissionException(string message, Exception? innerException = null) : Exception(message, innerException);
