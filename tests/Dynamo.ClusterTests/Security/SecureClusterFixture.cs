using Xunit;

namespace Dynamo.ClusterTests.Security;

/// <summary>One Redis and one silo for all tests of a class; neither where Redis is not installed, and then the tests are skipped.</summary>
public sealed class SecureClusterFixture : IAsyncLifetime
{
    internal RedisServer? Redis { get; private set; }

    internal SecureSilo? Silo { get; private set; }

    public async Task InitializeAsync()
    {
        if (RedisServer.IsInstalled)
        {
            Redis = await RedisServer.StartAsync();
            Silo = await SecureSilo.StartAsync(Redis);
        }
    }

    public async Task DisposeAsync()
    {
        if (Silo is not null)
        {
            await Silo.DisposeAsync();
        }

        if (Redis is not null)
        {
            await Redis.DisposeAsync();
        }
    }
}
