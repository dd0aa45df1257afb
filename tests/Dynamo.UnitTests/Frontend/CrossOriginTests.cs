using System.Net;
using Dynamo.Frontend.Configuration;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>Pages of other origins in a browser.</summary>
public sealed class CrossOriginTests
{
    private const string Origin = "http://localhost:3000";

    private static readonly FrontendOptions ByDefault = new();

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/models")]
    [InlineData("/v1/nothing")]
    [InlineData("/ping")]
    public async Task Preflight_IsAnswered(string path)
    {
        await using FrontendHost host = await FrontendHost.StartAsync(ByDefault);

        using HttpResponseMessage response = await PreflightAsync(host, path);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(["*"], Values(response, "Access-Control-Allow-Origin"));
        Assert.Equal(["POST"], Values(response, "Access-Control-Allow-Methods"));
        Assert.Equal(["authorization,content-type"], Values(response, "Access-Control-Allow-Headers"));
        Assert.Equal(["600"], Values(response, "Access-Control-Max-Age"));
    }

    [Fact]
    public async Task Preflight_HasNoKeyAndNeedsNone()
    {
        await using FrontendHost host = await FrontendHost.StartAsync(new FrontendOptions { ApiKeys = ["a-1"] });

        using HttpResponseMessage response = await PreflightAsync(host, "/v1/chat/completions");

        Assert.Equal(["*"], Values(response, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Refusals_CanBeReadByThePage()
    {
        await using FrontendHost host = await FrontendHost.StartAsync(new FrontendOptions { ApiKeys = ["a-1"] });
        host.Client.DefaultRequestHeaders.Add("Origin", Origin);

        using HttpResponseMessage unauthorized = await host.Client.GetAsync("/v1/models");
        using HttpResponseMessage unknown = await host.Client.GetAsync("/nothing");

        Assert.Equal([401, 404], new[] { unauthorized, unknown }.Select(static response => (int)response.StatusCode));
        Assert.All([unauthorized, unknown], static response =>
        {
            Assert.Equal(["*"], Values(response, "Access-Control-Allow-Origin"));
            Assert.Equal(["x-request-id,Retry-After"], Values(response, "Access-Control-Expose-Headers"));
        });
    }

    [Theory]
    [InlineData("/admin/drain")]
    [InlineData("/admin/workers")]
    [InlineData("/busy_threshold")]
    [InlineData("/reset_prefix_cache")]
    [InlineData("/host/page")]
    public async Task OperatorsPaths_AreForNoPage(string path)
    {
        await using FrontendHost host = await FrontendHost.StartAsync(ByDefault);
        using HttpRequestMessage request = new(HttpMethod.Get, path) { Headers = { { "Origin", Origin } } };

        using HttpResponseMessage preflight = await PreflightAsync(host, path);
        using HttpResponseMessage response = await host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.All([preflight, response], static answer => Assert.Empty(Values(answer, "Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task NamedOrigins_AreLetInAndOthersAreNot()
    {
        await using FrontendHost host = await FrontendHost.StartAsync(new FrontendOptions
        {
            CrossOrigin = new CrossOriginOptions { Origins = [Origin, "https://chat.example"], Methods = ["GET"], Headers = ["authorization"], AllowCredentials = true },
        });

        using HttpResponseMessage known = await PreflightAsync(host, "/v1/models");
        using HttpResponseMessage other = await PreflightAsync(host, "/v1/models", "https://evil.example");

        Assert.Equal([Origin], Values(known, "Access-Control-Allow-Origin"));
        Assert.Equal(["true"], Values(known, "Access-Control-Allow-Credentials"));
        Assert.Equal(["GET"], Values(known, "Access-Control-Allow-Methods"));
        Assert.Equal(["authorization"], Values(known, "Access-Control-Allow-Headers"));
        Assert.Empty(Values(other, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task CredentialsOfAnyOrigin_NameTheOriginInsteadOfAll()
    {
        await using FrontendHost host = await FrontendHost.StartAsync(new FrontendOptions { CrossOrigin = new CrossOriginOptions { AllowCredentials = true } });

        using HttpResponseMessage response = await PreflightAsync(host, "/v1/models");

        Assert.Equal([Origin], Values(response, "Access-Control-Allow-Origin"));
        Assert.Equal(["true"], Values(response, "Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task NoOrigins_NoPage()
    {
        await using FrontendHost host = await FrontendHost.StartAsync(new FrontendOptions { CrossOrigin = new CrossOriginOptions { Origins = [] } });

        using HttpResponseMessage response = await PreflightAsync(host, "/v1/models");

        Assert.Empty(Values(response, "Access-Control-Allow-Origin"));
    }

    private static Task<HttpResponseMessage> PreflightAsync(FrontendHost host, string path, string origin = Origin) => host.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, path)
    {
        Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "authorization,content-type" } },
    });

    private static IEnumerable<string> Values(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out IEnumerable<string>? values) ? values : [];
}
