using System.Net;
using Dynamo.Cluster.Settings;
using Dynamo.ClusterTests.Security;
using Dynamo.ClusterTests.Support;
using StackExchange.Redis;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Settings;

/// <summary>One Redis for the tests of a class, with passwords and, on a second port, TLS that wants a certificate of the client.</summary>
public sealed class ProtectedRedis : IAsyncLifetime
{
    /// <summary>Of the default user; the user <c>me</c> has <c>mine</c>, and <c>poor</c>, who may do little, <c>poor's</c>.</summary>
    public const string Password = "hush";

    private RedisServer? _server;

    public int Port => _server!.Port;

    public int TlsPort { get; } = FreePort.On(IPAddress.Loopback);

    internal TestCertificates Certificates { get; } = new();

    public async Task InitializeAsync()
    {
        if (RedisServer.IsInstalled)
        {
            _server = await RedisServer.StartAsync(
                ["--requirepass", Password, "--user", "me", "on", ">mine", "~*", "+@all", "--user", "poor", "on", ">poor's", "~*", "+@connection", .. Certificates.RedisFlags(TlsPort)]);
        }
    }

    /// <summary>Whether a key is in a database.</summary>
    public async Task<bool> HasAsync(string key, int database)
    {
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{Port},password={Password}");
        return await connection.GetDatabase(database).KeyExistsAsync(key);
    }

    public async Task DisposeAsync()
    {
        Certificates.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
