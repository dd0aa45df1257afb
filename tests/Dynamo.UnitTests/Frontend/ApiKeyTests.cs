using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Dynamo.Frontend.Configuration;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class ApiKeyTests : FrontendTest
{
    protected override FrontendOptions Options => new() { ApiKeys = ["a-1", "b-2"] };

    [Theory]
    [InlineData("POST", "/v1/chat/completions")]
    [InlineData("GET", "/v1/completions")]
    [InlineData("GET", "/v1/models")]
    [InlineData("GET", "/v1/models/demo")]
    [InlineData("GET", "/v1/streams/chatcmpl-1")]
    [InlineData("GET", "/v1/nothing")]
    [InlineData("GET", "/V1/Models")]
    public async Task WithoutAKey_EveryPathOfClientsIs401InOpenAIsForm(string method, string path)
    {
        using HttpResponseMessage response = await Host.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        JsonObject error = (await JsonAsync(response))["error"]!.AsObject();
        Assert.Equal(["message", "type", "param", "code"], error.Select(static property => property.Key));
        Assert.Equal(0, Generator.NumStarted);
    }

    [Theory]
    [InlineData("/health", 200)]
    [InlineData("/ping", 200)]
    [InlineData("/live", 200)]
    [InlineData("/load", 200)]
    [InlineData("/version", 200)]
    [InlineData("/metrics", 200)]
    [InlineData("/openapi.json", 200)]
    [InlineData("/docs", 200)]
    [InlineData("/admin/workers", 200)]
    [InlineData("/nothing", 404)]
    public async Task WhatIsNotForClients_AsksForNoApiKey(string path, int status)
    {
        using HttpResponseMessage response = await Host.Client.GetAsync(path);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("a-1")]
    [InlineData("b-2")]
    public async Task WithAKey_IsAnswered(string key)
    {
        Host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

        Assert.EndsWith("Hi", (await SeenAsync(() => CompleteAsync())).Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongKey_IsInvalidAndNotRepeated()
    {
        Host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong");

        using HttpResponseMessage response = await CompleteAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("invalid_api_key", (string)(await JsonAsync(response))["error"]!["code"]!);
        Assert.DoesNotContain("wrong", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
