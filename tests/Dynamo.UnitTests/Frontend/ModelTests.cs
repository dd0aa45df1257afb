using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Dynamo.Abstractions.Models;
using Dynamo.Cluster.Serving;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class ModelTests : FrontendTest
{
    [Fact]
    public async Task FurtherNames_AreListedAndAnswerAsTheModel()
    {
        Host.Catalog.Models = [DemoModel.Served("a") with { Aliases = new NameList(["b", "demo"]) }, DemoModel.Served("b")];

        JsonArray listed = JsonNode.Parse(await Host.Client.GetStringAsync("/v1/models"))!["data"]!.AsArray();
        JsonNode one = JsonNode.Parse(await Host.Client.GetStringAsync("/v1/models/demo"))!;
        ScriptedSequence own = await SeenAsync(() => Host.SendAsync("/v1/completions", """{"model":"b","prompt":"Hi"}"""));
        Generator.OnStarted = static sequence => sequence.EndTurn();
        using HttpResponseMessage response = await CompleteAsync();

        Assert.Equal(["a", "b", "demo", "b"], listed.Select(static model => (string)model!["id"]!));
        Assert.Equal("demo", (string)one["id"]!);
        Assert.Equal("b", own.Model);
        Assert.Equal("a", (string)(await JsonAsync(response))["model"]!);
    }

    private static readonly Dictionary<string, byte[]> BrokenFiles = new(DemoModel.Files()) { ["tokenizer.json"] = Encoding.UTF8.GetBytes("""{"model":{"type":"Nonsense"}}""") };

    protected override ServedModel[] Models => [DemoModel.Served(), DemoModel.Served("org/with slash", isReady: false)];

    [Fact]
    public async Task Models_ListsAllOfTheCatalog() => Assert.Equal(
        """{"object":"list","data":[{"id":"demo","object":"model","created":1700000000,"owned_by":"dynamo","max_model_len":512},"""
        + """{"id":"org/with slash","object":"model","created":1700000000,"owned_by":"dynamo","max_model_len":512}]}""",
        await Host.Client.GetStringAsync("/v1/models"));

    [Theory]
    [InlineData("/v1/models/org/with%20slash")]
    [InlineData("/v1/models/org%2Fwith%20slash")]
    public async Task Models_OneOfThem_IsDescribed(string path) => Assert.Equal(
        """{"id":"org/with slash","object":"model","created":1700000000,"owned_by":"dynamo","max_model_len":512}""",
        await Host.Client.GetStringAsync(path));

    [Fact]
    public async Task Models_Unknown_Is404()
    {
        using HttpResponseMessage response = await Host.Client.GetAsync("/v1/models/nobody");

        await AssertNotFoundAsync(response);
    }

    [Theory]
    [InlineData("/v1/chat/completions", "\"messages\":[]")]
    [InlineData("/v1/completions", "\"prompt\":5")]
    public async Task Request_ForAnUnknownModel_Is404(string path, string fields)
    {
        using HttpResponseMessage response = await Host.SendAsync(path, $$"""{"model":"nobody",{{fields}}}""");

        await AssertNotFoundAsync(response);
    }

    [Fact]
    public async Task Request_ForAModelThatIsNotReady_Is503()
    {
        using HttpResponseMessage response = await Host.SendAsync("/v1/completions", """{"model":"org/with slash","prompt":"Hi"}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("service_unavailable", (string)(await JsonAsync(response))["error"]!["type"]!);
        Assert.Equal(0, Generator.NumStarted);
    }

    [Fact]
    public async Task Request_WhileThereIsNoModel_Is503()
    {
        Host.Catalog.Models = [];

        using HttpResponseMessage response = await CompleteAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task BrokenModel_SaysWhichFileAndTheOthersGoOn()
    {
        Host.Catalog.Models = [DemoModel.Served("broken", BrokenFiles), DemoModel.Served()];

        using HttpResponseMessage broken = await Host.SendAsync("/v1/completions", """{"model":"broken","prompt":"Hi"}""");
        await SeenAsync(() => CompleteAsync());

        Assert.Equal(HttpStatusCode.InternalServerError, broken.StatusCode);
        JsonNode error = (await JsonAsync(broken))["error"]!;
        Assert.Equal("model_broken", (string)error["code"]!);
        Assert.StartsWith("The model 'broken' cannot be used: tokenizer.json: ", (string)error["message"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", (string)error["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelMended_AnswersAgain()
    {
        Host.Catalog.Models = [DemoModel.Served("demo", BrokenFiles)];
        using HttpResponseMessage broken = await CompleteAsync();
        Host.Catalog.Models = [DemoModel.Served()];

        await SeenAsync(() => CompleteAsync());

        Assert.Equal(HttpStatusCode.InternalServerError, broken.StatusCode);
    }

    [Fact]
    public async Task Health_AnyModelReady_Is200()
    {
        using HttpResponseMessage response = await Host.Client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        JsonNode health = await JsonAsync(response);
        Assert.Equal("healthy", (string)health["status"]!);
        Assert.Equal(["ready", "not ready"], health["models"]!.AsArray().Select(static model => (string)model!["status"]!));
    }

    [Fact]
    public async Task Health_PartsOfTheControlPlaneAway_NamesEachAndStaysHealthy()
    {
        Host.Health[0].Faults = ["Redis is away."];
        Host.Health[1].Faults = ["NATS is away."];
        using HttpResponseMessage response = await Host.Client.GetAsync("/health");

        JsonNode health = await JsonAsync(response);
        Assert.Equal("healthy", (string)health["status"]!);
        Assert.Equal(["Redis is away.", "NATS is away."], health["faults"]!.AsArray().Select(static fault => (string)fault!));
    }

    [Fact]
    public async Task Health_NoModelReady_Is503()
    {
        Host.Catalog.Models = [DemoModel.Served(isReady: false)];

        using HttpResponseMessage response = await Host.Client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task Health_OnlyABrokenModel_Is503NamingTheFile()
    {
        Host.Catalog.Models = [DemoModel.Served("demo", BrokenFiles)];
        (await CompleteAsync()).Dispose();

        using HttpResponseMessage response = await Host.Client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("tokenizer.json", (string)(await JsonAsync(response))["models"]![0]!["fault"]!, StringComparison.Ordinal);
    }

    private async Task AssertNotFoundAsync(HttpResponseMessage response)
    {
        JsonNode error = (await JsonAsync(response))["error"]!;
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("model_not_found", (string)error["code"]!);
        Assert.Equal("model", (string)error["param"]!);
        Assert.Contains("nobody", (string)error["message"]!, StringComparison.Ordinal);
        Assert.Equal(0, Generator.NumStarted);
    }
}
