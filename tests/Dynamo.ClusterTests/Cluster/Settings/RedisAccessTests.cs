using System.Net;
using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Settings;
using Dynamo.ClusterTests.Security;
using Dynamo.Diagnostics;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Settings;

/// <summary>What a process says to a real Redis with passwords, TLS and Sentinel, and what it says of one that does not let it in.</summary>
public sealed class RedisAccessTests(ProtectedRedis redis) : IClassFixture<ProtectedRedis>
{
    private readonly Dictionary<string, string> _environment = [];

    [RedisTheory]
    [InlineData("redis://:hush@127.0.0.1:PORT", 0)]
    [InlineData("redis://:hush@127.0.0.1:PORT/3", 3)]
    [InlineData("redis://me:mine@127.0.0.1:PORT/4", 4)]
    [InlineData("redis://127.0.0.1:PORT,redis://me:mine@127.0.0.1:PORT/5", 5)]
    [InlineData("127.0.0.1:PORT,user=me,password=mine,defaultDatabase=6", 6)]
    [InlineData("127.0.0.1:PORT,defaultDatabase=7", 7, "REDIS_PASSWORD=hush")]
    [InlineData("redis://127.0.0.1:PORT/8", 8, "REDIS_USERNAME=me", "REDIS_PASSWORD=mine")]
    public async Task RightPassword_LetsIn_AndTheDatabaseIsTheOneNamed(string endpoints, int database, params string[] variables)
    {
        ClusterSettings settings = Settings(endpoints, variables) with { ClusterId = $"to-{database}" };

        Assert.NotNull(ClusterAdmission.Enter(settings).Key);

        Assert.True(await redis.HasAsync($"dynamo/key/to-{database}", database));
        Assert.False(await redis.HasAsync($"dynamo/key/to-{database}", database + 1));
    }

    [RedisTheory]
    [InlineData("127.0.0.1:PORT", "it asks for a password. Give user and password in REDIS_ENDPOINTS (redis://user:password@host:port), or in REDIS_USERNAME and REDIS_PASSWORD or REDIS_PASSWORD_FILE.")]
    [InlineData("redis://:secret@127.0.0.1:PORT", "it refuses the password given for its default user. Give user and password")]
    [InlineData("redis://me:secret@127.0.0.1:PORT", "it refuses the password given for user 'me'. Give user and password")]
    [InlineData("redis://nobody:secret@127.0.0.1:PORT", "it refuses the password given for user 'nobody'. Give user and password")]
    [InlineData("redis://poor:poor%27s@127.0.0.1:PORT", "the user poor may not do what a cluster needs. Allow it '~dynamo/* +@all -@admin' (ACL SETUSER).")]
    public async Task RedisThatDoesNotLetIn_IsNotWaitedFor_AndSaysWhy(string endpoints, string why)
    {
        ClusterSettings settings = Settings(endpoints);
        string message = Assert.Throws<ClusterAdmissionException>(() => ClusterAdmission.Enter(settings, TimeSpan.MaxValue)).Message;
        Finding finding = await FindingAsync(settings);

        Assert.StartsWith($"Redis at 127.0.0.1:{redis.Port} cannot be used: {why}", message);
        Assert.DoesNotContain("secret", message);
        Assert.StartsWith($"{finding.Value}. {finding.Advice}", $"{message[message.IndexOf("used: ", StringComparison.Ordinal)..][6..]}");
        Assert.Equal((FindingStatus.Failure, $"127.0.0.1:{redis.Port}"), (finding.Status, finding.Subject));
    }

    [RedisFact]
    public void RedisThatIsNotThere_IsSaidToGiveNoAnswer_WhateverThePassword() => Assert.Contains(
        "it did not answer within 0 s", RefusalOf(Settings($"redis://me:mine@127.0.0.1:{FreePort.On(IPAddress.Loopback)}")));

    [RedisFact]
    public async Task RedisThatAsksForNoPassword_TakesAny()
    {
        await using RedisServer open = await RedisServer.StartAsync();

        Assert.NotNull(ClusterAdmission.Enter(Settings($"redis://:secret@127.0.0.1:{open.Port}")).Key);
    }

    [RedisFact]
    public void Tls_WithTheCertificatesGiven_LetsIn() =>
        Assert.NotNull(ClusterAdmission.Enter(Settings("rediss://me:mine@127.0.0.1:TLS/3", Certificates(client: true))).Key);

    [RedisFact]
    public async Task Tls_WrongPassword_IsRefusedAsWithoutIt()
    {
        ClusterSettings settings = Settings("rediss://me:secret@127.0.0.1:TLS", Certificates(client: true));

        Assert.Contains("it refuses the password given for user 'me'.", RefusalOf(settings));
        Assert.StartsWith("it refuses the password given for user 'me'", (await FindingAsync(settings)).Value);
    }

    [RedisFact]
    public async Task Tls_AuthorityThatIsNotGiven_IsNotTrusted()
    {
        ClusterSettings settings = Settings("rediss://me:mine@127.0.0.1:TLS");

        string message = RefusalOf(settings);

        Assert.Contains("its TLS connection is not trusted (", message);
        Assert.EndsWith("Give the certificate of who signed its own in REDIS_CA_FILE, and name the host as that certificate does.", message);
        Assert.StartsWith("its TLS connection is not trusted (", (await FindingAsync(settings)).Value);
    }

    [RedisFact]
    public void Tls_CertificateOfAnotherHost_IsNotTrusted() => Assert.Contains(
        "its TLS connection is not trusted (", RefusalOf(Settings("rediss://me:mine@localhost:TLS", Certificates(client: true))));

    [RedisFact]
    public async Task List_OneServerDown_UsesTheOther()
    {
        int down = FreePort.On(IPAddress.Loopback);

        Assert.NotNull(ClusterAdmission.Enter(Settings($"redis://me:mine@127.0.0.1:{down},127.0.0.1:PORT,defaultDatabase=9") with { ClusterId = "list" }).Key);
        Assert.True(await redis.HasAsync("dynamo/key/list", 9));
    }

    // StackExchange.Redis gives Sentinel the password of Redis; one that asks for none lets in all the same.
    [RedisTheory]
    [InlineData(10)]
    [InlineData(11, "requirepass hush")]
    public async Task Sentinel_LeadsToItsPrimary(int database, params string[] more)
    {
        await using RedisSentinel sentinel = await RedisSentinel.StartAsync("main", redis.Port, ["sentinel auth-pass main hush", .. more]);
        string endpoints = $"127.0.0.1:{sentinel.Port},serviceName=main,password=hush,defaultDatabase={database}";

        Assert.NotNull(ClusterAdmission.Enter(Settings(endpoints) with { ClusterId = "sentinel" }).Key);
        Assert.True(await redis.HasAsync("dynamo/key/sentinel", database));
        EndpointProbe probe = new(TimeSpan.FromSeconds(30), TimeProvider.System);
        ClusterSettings settings = Settings(endpoints);
        Assert.Equal("master", (await probe.RedisAsync(settings.Redis[0], settings.RedisAccess, "table", CancellationToken.None)).Reading?.Info["role"]);
    }

    [RedisFact]
    public async Task Sentinel_ThatDoesNotKnowThePrimary_IsSaid()
    {
        await using RedisSentinel sentinel = await RedisSentinel.StartAsync("main", redis.Port, "sentinel auth-pass main hush");

        ClusterSettings settings = Settings($"127.0.0.1:{sentinel.Port},serviceName=other,password=hush");

        Assert.Contains("no Sentinel there named a primary 'other' that answers within 0 s.", RefusalOf(settings));
        Assert.Equal("names no primary 'other' that answers", (await FindingAsync(settings)).Value);
    }

    private ClusterSettings Settings(string endpoints, params string[] variables)
    {
        _environment["REDIS_ENDPOINTS"] = endpoints.Replace("PORT", $"{redis.Port}", StringComparison.Ordinal).Replace("TLS", $"{redis.TlsPort}", StringComparison.Ordinal);
        foreach (string[] pair in variables.Select(static variable => variable.Split('=', 2)))
        {
            _environment[pair[0]] = pair[1];
        }

        ClusterSettingsReader reader = new(_environment.GetValueOrDefault);
        ClusterSettings settings = reader.Read("127.0.0.1", 1, null);
        Assert.Empty(reader.Faults);
        return settings;
    }

    private string[] Certificates(bool client) =>
    [
        $"REDIS_CA_FILE={redis.Certificates.AuthorityFile}",
        .. client ? [$"REDIS_CERT_FILE={redis.Certificates.CertFile}", $"REDIS_KEY_FILE={redis.Certificates.KeyFile}"] : Array.Empty<string>(),
    ];

    private static string RefusalOf(ClusterSettings settings) => Assert.Throws<ClusterAdmissionException>(() => ClusterAdmission.Enter(settings, TimeSpan.Zero)).Message;

    // As the doctor has it.
    private static async Task<Finding> FindingAsync(ClusterSettings settings)
    {
        EndpointProbe probe = new(TimeSpan.FromSeconds(5), TimeProvider.System);
        (RedisReading? reading, Finding? fault) = await probe.RedisAsync(settings.Redis[0], settings.RedisAccess, "table", CancellationToken.None);
        Assert.Null(reading);
        return fault!;
    }
}
