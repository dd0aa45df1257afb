using System.Net;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>vLLM's <c>/reset_prefix_cache</c>.</summary>
public sealed class PrefixCacheResetTests : FrontendTest
{
    [Theory]
    [InlineData("", null)]
    [InlineData("?model=", null)]
    [InlineData("?model=demo", "demo")]
    [InlineData("?reset_running_requests=false&reset_external=true", null)]
    public async Task Post_EmptiesTheCachesAndSaysNothing(string query, string? model)
    {
        using HttpResponseMessage response = await Host.SendAsync("/reset_prefix_cache" + query, "");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
        Assert.Equal([model], Host.Admin.Resets);
    }

    [Theory]
    [InlineData("?model=other", HttpStatusCode.NotFound, "model")]
    [InlineData("?reset_running_requests=true", HttpStatusCode.BadRequest, "reset_running_requests")]
    public async Task Post_OfWhatIsNotThere_IsRefusedNamingTheParameterAndChangesNothing(string query, HttpStatusCode status, string param)
    {
        using HttpResponseMessage response = await Host.SendAsync("/reset_prefix_cache" + query, "{}");

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(param, (string)(await JsonAsync(response))["error"]!["param"]!);
        Assert.Empty(Host.Admin.Resets);
    }

    [Fact]
    public async Task Post_WhileAWorkerDoesNotAnswer_Is503()
    {
        Host.Admin.IsUnreachable = true;

        using HttpResponseMessage response = await Host.SendAsync("/reset_prefix_cache", "{}");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }
}
