using System.Text.Json.Nodes;
using Dynamo.UnitTests.Frontend.Support;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class OpenApiTests : FrontendTest
{
    [Fact]
    public async Task Document_HasThePathsThatAreServedAndNoOther()
    {
        JsonObject paths = (await DocumentAsync())["paths"]!.AsObject();

        IEnumerable<string> described = paths.SelectMany(static path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"));
        IEnumerable<string> served = Host.Endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => !endpoint.RoutePattern.RawText!.StartsWith("/host/", StringComparison.Ordinal))
            .SelectMany(static endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
                .Where(static method => method != "HEAD")
                .Select(method => $"{method} {endpoint.RoutePattern.RawText!.Replace("**", "", StringComparison.Ordinal)}"));
        Assert.Equal(served.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Document_HoldsTogether()
    {
        JsonNode document = await DocumentAsync();
        List<string> names = [];

        Assert.Equal("3.1.0", (string)document["openapi"]!);
        Assert.NotNull(document["info"]!["title"]);
        Assert.NotNull(document["info"]!["version"]);
        foreach ((string path, JsonNode? operations) in document["paths"]!.AsObject())
        {
            foreach ((_, JsonNode? operation) in operations!.AsObject())
            {
                names.Add((string)operation!["operationId"]!);
                Assert.NotEmpty(operation["responses"]!.AsObject());
                Assert.Equal(
                    path.Contains("{id}", StringComparison.Ordinal),
                    (operation["parameters"]?.AsArray() ?? []).Any(static parameter => (string?)parameter!["in"] == "path" && (string?)parameter["name"] == "id" && (bool)parameter["required"]!));
                Assert.All(operation["responses"]!.AsObject(), response => Assert.NotNull(Resolve(document, response.Value!)["description"]));
            }
        }

        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(References(document), reference => Assert.NotNull(At(document, reference)));
    }

    [Fact]
    public async Task Version_IsAVersion() => Assert.True(Version.TryParse((string)JsonNode.Parse(await Host.Client.GetStringAsync("/version"))!["version"]!, out _));

    [Fact]
    public async Task Load_CountsRequestsThatRun()
    {
        Task<HttpResponseMessage> asking = CompleteAsync();
        ScriptedSequence sequence = await Generator.NextAsync();

        Assert.Equal("""{"server_load":1}""", await Host.Client.GetStringAsync("/load"));
        sequence.EndTurn();
        (await asking).Dispose();
        await UntilMetricAsync("""dynamo_frontend_inflight_requests{model="demo"} 0""");
        Assert.Equal("""{"server_load":0}""", await Host.Client.GetStringAsync("/load"));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Ping_HasTheStatusOfHealthAndNoBody(string method)
    {
        using HttpResponseMessage well = await Host.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/ping"));
        Host.Catalog.Models = [DemoModel.Served(isReady: false)];
        using HttpResponseMessage unwell = await Host.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/ping"));

        Assert.Equal([200, 503], new[] { well, unwell }.Select(static response => (int)response.StatusCode));
        Assert.Equal("", await well.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> DocumentAsync() => JsonNode.Parse(await Host.Client.GetStringAsync("/openapi.json"))!;

    private static JsonNode Resolve(JsonNode document, JsonNode node) => (string?)node["$ref"] is { } reference ? At(document, reference)! : node;

    private static JsonNode? At(JsonNode document, string reference) =>
        reference.Split('/').Skip(1).Aggregate((JsonNode?)document, static (node, name) => node?[name]);

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(static property => property.Key == "$ref" ? [(string)property.Value!] : References(property.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };
}
