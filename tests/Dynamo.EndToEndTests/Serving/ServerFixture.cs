using Xunit;

namespace Dynamo.EndToEndTests.Serving;

/// <summary>One <c>dynamo serve</c> on the bundled model for all tests of the collection.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    internal DynamoProcess Server { get; private set; } = null!;

    internal ChatApi Chat => new(Server.Http);

    public async Task InitializeAsync() => Server = await DynamoProcess.ServeAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();
}

/// <summary>Tests that share the server; one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ServerCollection : ICollectionFixture<ServerFixture>
{
    public const string Name = "server";
}
