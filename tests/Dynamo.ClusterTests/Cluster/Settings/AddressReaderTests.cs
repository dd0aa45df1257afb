using System.Net;
using Dynamo.Cluster.Settings;
using NATS.Client.Core;
using StackExchange.Redis;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Settings;

/// <summary>Every form in which Redis and NATS can be named.</summary>
public sealed class AddressReaderTests
{
    private readonly Dictionary<string, string> _environment = [];
    private readonly List<string> _faults = [];

    [Theory]
    [InlineData("a", "a:6379", null, null, 0, false)]
    [InlineData("a:1,b:2", "a:1,b:2", null, null, 0, false)]
    [InlineData("a:1,redis://A:1,a:2", "a:1,a:2", null, null, 0, false)]
    [InlineData("redis://a", "a:6379", null, null, 0, false)]
    [InlineData("redis://:pa%2Cs%40s@a:1/3", "a:1", null, "pa,s@s", 3, false)]
    [InlineData("rediss://me:secret@a:1", "a:1", "me", "secret", 0, true)]
    [InlineData("redis://me:secret@a:1,redis://b:2", "a:1,b:2", "me", "secret", 0, false)]
    [InlineData("a:1,b:2,user=me,password=secret,ssl=true,defaultDatabase=2", "a:1,b:2", "me", "secret", 2, true)]
    [InlineData("a,b:7,serviceName=main", "a:26379,b:7", null, null, 0, false)]
    public void Redis_IsReadInEachForm(string text, string servers, string? user, string? password, int database, bool isEncrypted)
    {
        (IReadOnlyList<DnsEndPoint> found, RedisAccess access) = Redis(text);

        Assert.Empty(_faults);
        Assert.Equal(servers, string.Join(',', found.Select(static server => $"{server.Host}:{server.Port}")));
        ConfigurationOptions options = access.ToOptions();
        Assert.Equal((user, password, database, isEncrypted), (options.User, options.Password, options.DefaultDatabase ?? 0, options.Ssl));
    }

    [Theory]
    [InlineData("http://a:1", "must be redis://user:password@host:port/database or rediss://…, has 'http://a:1'")]
    [InlineData("redis://me:hush@", "has '…@'")]
    [InlineData("redis://a/x", "the database in redis://host:port/database must be a number, is 'x'")]
    [InlineData("a:0", "has 'a:0'")]
    [InlineData("a:1,pasword=hush", "its options are pasword")]
    [InlineData("a:1,ssl=hush", "its options are ssl")]
    [InlineData("password=hush", "names no server")]
    public void Redis_WhatIsWrong_IsSaidWithoutSecrets(string text, string expected)
    {
        Redis(text);

        Assert.Contains(expected, Assert.Single(_faults));
        Assert.DoesNotContain("hush", _faults[0]);
    }

    [Fact]
    public void Redis_SecretsOfTheirOwn_AreUsedWhereTheAddressHasNone()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "from a file\n");
            _environment["REDIS_USERNAME"] = "me";
            _environment["REDIS_PASSWORD"] = "from a variable";
            Assert.Equal(("me", "from a variable"), Login("a"));
            Assert.Equal(("me", "its own"), Login("redis://:its%20own@a"));
            _environment["REDIS_PASSWORD_FILE"] = file;
            Assert.Equal(("me", "from a file"), Login("a"));
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Empty(_faults);
        Redis("a");
        Assert.StartsWith("REDIS_PASSWORD_FILE cannot be read", Assert.Single(_faults));

        (string?, string?) Login(string text)
        {
            ConfigurationOptions options = Redis(text).Access.ToOptions();
            return (options.User, options.Password);
        }
    }

    [Fact]
    public void Settings_NeverShowASecret()
    {
        _environment["REDIS_ENDPOINTS"] = "redis://me:hush@127.0.0.1:1/2";
        _environment["NATS_SERVER"] = "nats://me:hush@127.0.0.1:2";
        ClusterSettings settings = new ClusterSettingsReader(_environment.GetValueOrDefault).Read("127.0.0.1", 1, null);

        Assert.DoesNotContain("hush", settings.ToString());
        Assert.Equal("plain, with a password, database 2", settings.RedisAccess.ToString());
        Assert.Equal("127.0.0.1:2", settings.Nats!.ToString());
    }

    [Theory]
    [InlineData("a", "nats://a:4222/", null, null, null, TlsMode.Auto)]
    [InlineData("nats://a:1,b", "nats://a:1/,nats://b:4222/", null, null, null, TlsMode.Auto)]
    [InlineData("nats://me:se%40cret@a:1", "nats://a:1/", "me", "se@cret", null, TlsMode.Auto)]
    [InlineData("nats://token@a:1", "nats://a:1/", null, null, "token", TlsMode.Auto)]
    [InlineData("tls://a:1", "tls://a:1/", null, null, null, TlsMode.Require)]
    public void Nats_IsReadInEachForm(string text, string servers, string? user, string? password, string? token, TlsMode mode)
    {
        NatsOpts options = Nats(text)!.ToOptions();

        Assert.Empty(_faults);
        Assert.Equal(servers, options.Url);
        Assert.Equal((user, password, token, mode), (options.AuthOpts.Username, options.AuthOpts.Password, options.AuthOpts.Token, options.TlsOpts.Mode));
    }

    [Fact]
    public void Nats_DynamosVariables_AreRead()
    {
        _environment["NATS_AUTH_USERNAME"] = "me";
        _environment["NATS_AUTH_PASSWORD"] = "secret";
        Assert.Equal(("me", "secret"), (Nats("a")!.Auth.Username, Nats("a")!.Auth.Password));

        _environment["NATS_AUTH_CREDENTIALS_FILE"] = "/no/such/file";
        Nats("a");
        Assert.Equal("NATS_AUTH_CREDENTIALS_FILE is '/no/such/file', and there is no such file.", _faults[^1]);
    }

    [Theory]
    [InlineData("http://me:hush@a", "has '…@a'")]
    [InlineData(",", "names no server")]
    public void Nats_WhatIsWrong_IsSaidWithoutSecrets(string text, string expected)
    {
        Assert.Null(Nats(text));

        Assert.Contains(expected, Assert.Single(_faults));
        Assert.DoesNotContain("hush", _faults[0]);
    }

    private (IReadOnlyList<DnsEndPoint> Servers, RedisAccess Access) Redis(string text) => new RedisAddressReader(_environment.GetValueOrDefault, _faults).Read(text, "VARIABLE");

    private NatsAccess? Nats(string text) => new NatsAddressReader(_environment.GetValueOrDefault, _faults).Read(text, "VARIABLE");
}
