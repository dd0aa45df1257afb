using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Dynamo.Abstractions.Instances;
using Dynamo.Serving.Admin;
using Dynamo.Serving.Catalog;
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
        $$"""{"object":"list","data":[{{Described("demo", "modelperm-efdba5e3b5068178")}},{{Described("org/with slash", "modelperm-0520126a7856df80")}}]}""",
        await Host.Client.GetStringAsync("/v1/models"));

    [Theory]
    [InlineData("/v1/models/org/with%20slash")]
    [InlineData("/v1/models/org%2Fwith%20slash")]
    public async Task Models_OneOfThem_IsDescribed(string path) => Assert.Equal(Described("org/with slash", "modelperm-0520126a7856df80"), await Host.Client.GetStringAsync(path));

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
    public async Task Health_WorkersExactAndInOneClass_HasNoNote()
    {
        Host.Admin.Others = [Worker("demo", "cpu-x"), Worker("demo", "inexact-cpu-y") with { State = "draining" }, Worker("other", "cpu-y"), Worker("third", null)];

        Assert.Empty(await NotesAsync());
    }

    [Fact]
    public async Task Health_WorkersNotExactOrOfTwoClasses_SaysWhatMayDifferAndStaysHealthy()
    {
        Host.Admin.Others = [Worker("demo", "cpu-x"), Worker("demo", "inexact-cpu-y"), Worker("other", "inexact-cpu-y")];

        Assert.Equal(
            [
                "Ready workers of model demo that are not exact: 1 of inexact-cpu-y (3 are ready). There the same request may get other log-probabilities, and at times other words, "
                    + "alone than among others, after a prefix hit and after a move.",
                "Ready workers of model demo round differently: 2 of cpu-x; 1 of inexact-cpu-y. So a request that moves from one to the other, or is asked again, may get other "
                    + "log-probabilities, and at times other words.",
                "Ready workers of model other that are not exact: 1 of inexact-cpu-y (1 are ready). There the same request may get other log-probabilities, and at times other words, "
                    + "alone than among others, after a prefix hit and after a move.",
            ],
            await NotesAsync());
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

    private async Task<IEnumerable<string>> NotesAsync()
    {
        using HttpResponseMessage response = await Host.Client.GetAsync("/health");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        JsonNode health = await JsonAsync(response);
        Assert.Equal("healthy", (string)health["status"]!);
        return health["notes"]!.AsArray().Select(static note => (string)note!);
    }

    private static WorkerInfo Worker(string model, string? numericsClass) =>
        new() { Id = "1", Model = model, Address = "127.0.0.1:8", State = "ready", Generation = 1, SafeToDelete = false, NumericsClass = numericsClass };

    private static string Described(string name, string permission) =>
        $$"""{"id":"{{name}}","object":"model","created":1700000000,"owned_by":"dynamo","root":"{{name}}","parent":null,"max_model_len":512,"permission":[{"id":"{{permission}}","object":"model_permission","created":"""
        + """1700000000,"allow_create_engine":false,"allow_sampling":true,"allow_logprobs":true,"allow_search_indices":false,"allow_view":"""
        + """true,"allow_fine_tuning":false,"organization":"*","group":null,"is_blocking":false}]}""";

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
