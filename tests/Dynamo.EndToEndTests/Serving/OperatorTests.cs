using System.Net;
using Xunit;

namespace Dynamo.EndToEndTests.Serving;

/// <summary>Who is taken for the operator by a server that was started without any key.</summary>
[Collection(ServerCollection.Name)]
public sealed class OperatorTests(ServerFixture fixture)
{
    [Theory]
    [InlineData("/admin/workers")]
    [InlineData("/admin/routing/decisions")]
    [InlineData("/busy_threshold")]
    [InlineData("/dashboard/")]
    [InlineData("/dashboard/index.min.js")]
    [InlineData("/dashboard/DashboardCounters")]
    [InlineData("/dashboard/ClusterStats")]
    public async Task OperatorsPath_IsOpenToThisMachineOnly(string path)
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(path));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(path, ("Host", "evil.example:8000")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(path, ("X-Forwarded-For", "203.0.113.9")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(path, ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(path, ("Origin", "https://evil.example")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(path, ("Origin", $"http://localhost:{fixture.Server.Address.Port + 1}")));
    }

    [Fact]
    public async Task PageOfAnotherSite_DrainsNoWorker()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/admin/drain") { Content = new ByteArrayContent("""{"worker":"1"}"""u8.ToArray()) };
        request.Headers.Add("Origin", "https://evil.example");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");

        using HttpResponseMessage response = await fixture.Server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    // A page of another site can send one without asking first.
    [Fact]
    public async Task PostWithoutAContentType_DrainsNoWorker()
    {
        using ByteArrayContent content = new("""{"worker":"1"}"""u8.ToArray());

        using HttpResponseMessage response = await fixture.Server.Http.PostAsync("/admin/drain", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    private async Task<HttpStatusCode> StatusAsync(string path, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using HttpResponseMessage response = await fixture.Server.Http.SendAsync(request);
        return response.StatusCode;
    }
}
