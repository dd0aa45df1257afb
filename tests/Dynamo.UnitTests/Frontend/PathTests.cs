using System.Net;
using System.Text.Json.Nodes;
using Dynamo.Frontend.Configuration;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class PathTests : FrontendTest
{
    protected override FrontendOptions Options => new() { MaxRequestBodyBytes = 1_000_000 };

    [Theory]
    [InlineData("GET", "/v1/chat/completions", "POST")]
    [InlineData("DELETE", "/v1/completions", "POST")]
    [InlineData("POST", "/v1/models", "GET, HEAD")]
    [InlineData("DELETE", "/v1/models/demo", "GET, HEAD")]
    [InlineData("POST", "/health", "GET, HEAD")]
    [InlineData("OPTIONS", "/metrics", "GET, HEAD")]
    public async Task WrongMethod_Is405WithTheMethodsThatThereAre(string method, string path, string allowed)
    {
        using HttpResponseMessage response = await Host.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow));
        Assert.Equal("method_not_allowed", (string)(await JsonAsync(response))["error"]!["code"]!);
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/v1/nothing")]
    [InlineData("POST", "/v1/embeddings")]
    [InlineData("GET", "/file.txt")]
    public async Task UnknownPath_Is404(string method, string path)
    {
        using HttpResponseMessage response = await Host.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        JsonNode error = (await JsonAsync(response))["error"]!;
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("unknown_url", (string)error["code"]!);
        Assert.Contains($"{method} {path}", (string)error["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_LargerThanTheLimit_Is413()
    {
        using HttpResponseMessage response = await ChatAsync($"\"user\":\"{new string('x', 1_000_001)}\"");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("request_too_large", (string)(await JsonAsync(response))["error"]!["code"]!);
    }

    [Fact]
    public async Task Body_AtTheLimitInChunks_IsRead()
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();
        byte[] body = [.. """{"model":"demo","prompt":"Hi","user":" """u8, .. new byte[999_900].Select(static _ => (byte)'x'), .. "\"}"u8];
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = true;

        using HttpResponseMessage response = await Host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Live_Is200()
    {
        Host.Catalog.Models = [];

        using HttpResponseMessage response = await Host.Client.GetAsync("/live");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
