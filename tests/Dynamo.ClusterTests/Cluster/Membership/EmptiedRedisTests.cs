using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Settings;
using Dynamo.ClusterTests.Security;
using StackExchange.Redis;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Membership;

/// <summary>A real Redis that comes back without the members, and with them.</summary>
[Trait("Category", "Fault")]
public sealed class EmptiedRedisTests
{
    [RedisFact]
    public async Task Emptied_ServingGoesOn_NewSilosAreRefused_UntilTheFileIsRestored()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using SecureSilo first = await SecureSilo.StartAsync(redis);
        await using SecureSilo second = await SecureSilo.StartAsync(redis);
        SecureSilo[] silos = [first, second];

        // Merely away: said, and nothing more.
        await redis.KillAsync();
        await UntilAsync(silos, static faults => faults is [{ } fault] && fault.Contains("out of reach"), "Redis to be missed");

        // Back empty.
        redis.MoveFile(isAway: true);
        await redis.RestartAsync();
        await UntilAsync(silos, static faults => faults is [{ } fault] && fault.Contains("came back empty"), "the loss to be seen");
        Assert.All(silos, static silo => Assert.Single(silo.Log.Lines, static line => line.StartsWith("Error Redis at") && line.Contains("came back empty")));
        Assert.Equal("on", await first.Grains.GetGrain<IClosedGrain>(1).EchoAsync("on"));
        Assert.Equal("on", await second.Grains.GetGrain<IClosedGrain>(2).EchoAsync("on"));
        string refusal = Assert.Throws<ClusterAdmissionException>(() => ClusterAdmission.Enter(RedisServer.Settings(redis.Port))).Message;
        Assert.Contains("joining now would make a second cluster", refusal);
        Assert.Contains($"DEL dynamo/lost/test", refusal);

        // Back with its file.
        await redis.KillAsync();
        redis.DeleteFile();
        redis.MoveFile(isAway: false);
        await redis.RestartAsync();
        await UntilAsync(silos, static faults => faults.Count == 0, "the members to be seen again");
        await using SecureSilo third = await SecureSilo.StartAsync(redis);
        Assert.Equal("on", await third.Grains.GetGrain<IClosedGrain>(3).EchoAsync("on"));
    }

    [RedisFact]
    public async Task SecondClusterFormedInTheGap_IsSaidByBoth()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using SecureSilo first = await SecureSilo.StartAsync(redis);
        ClusterSettings admitted = ClusterAdmission.Enter(RedisServer.Settings(redis.Port));
        using (ConnectionMultiplexer connection = redis.Connect())
        {
            await connection.GetDatabase().ExecuteAsync("FLUSHALL");
        }

        await using SecureSilo late = await SecureSilo.StartAsync(admitted);

        await UntilAsync([first], static faults => faults is [{ } fault] && fault.Contains("another cluster has formed"), "the old silo to see it");
        await UntilAsync([late], static faults => faults is [{ } fault] && fault.Contains("rows of other processes"), "the new silo to see it");
    }

    private static Task UntilAsync(SecureSilo[] silos, Func<IReadOnlyList<string>, bool> isTrue, string what) =>
        SecureClusterTests.UntilAsync(() => Task.FromResult(silos.All(silo => isTrue(silo.Health.Faults))), what);
}
