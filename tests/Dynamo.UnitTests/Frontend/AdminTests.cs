using System.Net;
using System.Text.Json.Nodes;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class AdminTests : FrontendTest
{
    [Fact]
    public async Task Workers_AreListedWithTheirState()
    {
        JsonNode worker = JsonNode.Parse(await Host.Client.GetStringAsync("/admin/workers"))!["workers"]!.AsArray().Single()!;

        Assert.Equal(FixedAdmin.Worker, (string)worker["id"]!);
        Assert.Equal("ready", (string)worker["state"]!);
        Assert.Equal(3, (long)worker["generation"]!);
        Assert.False((bool)worker["safe_to_delete"]!);
    }

    [Fact]
    public async Task Drain_IsAcceptedAndSeen()
    {
        using HttpResponseMessage response = await Host.SendAsync("/admin/drain", $$"""{"worker":"{{FixedAdmin.Worker}}"}""");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.True(Host.Admin.IsDraining);
    }

    [Theory]
    [InlineData("""{"worker":"ff"}""", HttpStatusCode.NotFound, "worker")]
    [InlineData("{}", HttpStatusCode.BadRequest, "worker")]
    [InlineData("""{"worker":7}""", HttpStatusCode.BadRequest, "worker")]
    public async Task DrainOfNothing_IsRefusedNamingTheParameter(string body, HttpStatusCode status, string param)
    {
        using HttpResponseMessage response = await Host.SendAsync("/admin/drain", body);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(param, (string)(await JsonAsync(response))["error"]!["param"]!);
    }
}
