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
        Assert.Equal(2, (int)worker["gpu"]!);
        Assert.False((bool)worker["safe_to_delete"]!);
    }

    [Theory]
    [InlineData("cpu-x", true)]
    [InlineData("inexact-cpu-x", false)]
    [InlineData("inexact torch-ops cuda", false)]
    public async Task Workers_TellTheirNumericsClassAndWhetherItIsExact(string numericsClass, bool isExact)
    {
        Host.Admin.NumericsClass = numericsClass;

        JsonNode worker = JsonNode.Parse(await Host.Client.GetStringAsync("/admin/workers"))!["workers"]!.AsArray().Single()!;

        Assert.Equal((numericsClass, isExact), ((string)worker["numerics_class"]!, (bool)worker["exact"]!));
    }

    [Fact]
    public async Task WorkersThatAreNotReady_HaveNoNumericsClass()
    {
        Host.Admin.NumericsClass = null;

        JsonObject worker = JsonNode.Parse(await Host.Client.GetStringAsync("/admin/workers"))!["workers"]!.AsArray().Single()!.AsObject();

        Assert.False(worker.ContainsKey("numerics_class"));
        Assert.False(worker.ContainsKey("exact"));
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

    [Fact]
    public async Task Decisions_AreTheRoutersOwnWords()
    {
        JsonNode model = JsonNode.Parse(await Host.Client.GetStringAsync("/admin/routing/decisions/chatcmpl-1?limit=3"))!["models"]!.AsArray().Single()!;

        Assert.Equal(("chatcmpl-1", 3), Host.Admin.Asked);
        Assert.Equal("demo", (string)model["model"]!);
        Assert.Equal("routed", (string)model["decisions"]![0]!["status"]!);
    }

    [Fact]
    public async Task DecisionsOfAnUnknownResponse_AreNotFound()
    {
        using HttpResponseMessage response = await Host.Client.GetAsync("/admin/routing/decisions/chatcmpl-0");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("decision_not_found", (string)(await JsonAsync(response))["error"]!["code"]!);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("many")]
    public async Task DecisionsBeyondTheLimit_AreRefused(string limit)
    {
        using HttpResponseMessage response = await Host.Client.GetAsync($"/admin/routing/decisions?limit={limit}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("limit", (string)(await JsonAsync(response))["error"]!["param"]!);
    }
}
