using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Settings;
using Dynamo.ClusterTests.Security;
using Dynamo.Security.Keys;
using StackExchange.Redis;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Membership;

public sealed class ClusterAdmissionTests : IAsyncLifetime
{
    private RedisServer? _redis;

    public async Task InitializeAsync() => _redis = RedisServer.IsInstalled ? await RedisServer.StartAsync() : null;

    [RedisFact]
    public void NoKeyGiven_TheFirstMakesOne_AndAllHaveIt()
    {
        ClusterKey[] keys = new ClusterKey[8];
        Parallel.For(0, keys.Length, i => keys[i] = ClusterAdmission.Enter(Settings()).Key!);

        Assert.Single(keys.Select(static key => key.Reveal()).Distinct());
        Assert.NotEqual(keys[0].Reveal(), ClusterAdmission.Enter(Settings() with { ClusterId = "other" }).Key!.Reveal());
    }

    [RedisFact]
    public void KeyGiven_IsNotKept_AndOthersMustGiveTheSame()
    {
        ClusterKey key = ClusterKey.Create();
        Assert.Same(key, ClusterAdmission.Enter(Settings() with { Key = key }).Key);
        Assert.Same(key, ClusterAdmission.Enter(Settings() with { Key = key }).Key);

        Assert.Contains("was started with a key of its own", RefusalOf(Settings()));
        string differs = RefusalOf(Settings() with { Key = ClusterKey.Create() });
        Assert.Contains("is not the one that cluster 'test' was started with", differs);
        Assert.Contains($"redis-cli -h 127.0.0.1 -p {_redis!.Port} DEL dynamo/key/test", differs);
        using ConnectionMultiplexer redis = _redis.Connect();
        Assert.DoesNotContain(key.Reveal(), redis.GetDatabase().StringGet("dynamo/key/test").ToString());
    }

    [RedisFact]
    public void KeyGivenToAClusterThatMadeOne_MustBeThatOne()
    {
        ClusterKey made = ClusterAdmission.Enter(Settings()).Key!;

        Assert.Equal(made.Reveal(), ClusterAdmission.Enter(Settings() with { Key = ClusterKey.Parse(made.Reveal()) }).Key!.Reveal());
        Assert.Contains("is not the one", RefusalOf(Settings() with { Key = ClusterKey.Create() }));
    }

    [RedisFact]
    public void ForeignRecord_IsSaid()
    {
        using ConnectionMultiplexer redis = _redis!.Connect();
        redis.GetDatabase().StringSet("dynamo/key/test", "made in Bavaria");

        Assert.Contains("is none of dynamo's", RefusalOf(Settings()));
    }

    [RedisFact]
    public async Task RedisThatIsNotThere_IsOneLine()
    {
        ClusterSettings settings = Settings();
        await _redis!.KillAsync();

        ClusterAdmissionException refusal = Assert.Throws<ClusterAdmissionException>(() => ClusterAdmission.Enter(settings, TimeSpan.Zero));
        await _redis.RestartAsync();

        Assert.Equal(
            $"Redis at 127.0.0.1:{_redis.Port} cannot be used: it did not answer within 0 s. Start it, or correct REDIS_ENDPOINTS or HEAD_NODE_IP.",
            refusal.Message);
    }

    [RedisFact]
    public void RedisThatRefuses_IsNotWaitedFor()
    {
        ClusterSettings settings = Settings();
        using (ConnectionMultiplexer redis = _redis!.Connect())
        {
            redis.GetDatabase().HashSet("dynamo/lost/test", "a", "a");
        }

        string refusal = Assert.Throws<ClusterAdmissionException>(() => ClusterAdmission.Enter(settings, TimeSpan.MaxValue)).Message;
        Assert.Contains("cannot be used: it answers 'WRONGTYPE", refusal);
    }

    public async Task DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    private ClusterSettings Settings() => RedisServer.Settings(_redis!.Port);

    private static string RefusalOf(ClusterSettings settings) => Assert.Throws<ClusterAdmissionException>(() => ClusterAdmission.Enter(settings)).Message;
}
