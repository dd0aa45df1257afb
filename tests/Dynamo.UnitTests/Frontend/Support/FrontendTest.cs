using System.Net;
using System.Text.Json.Nodes;
using Dynamo.Frontend.Configuration;
using Dynamo.Serving.Catalog;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>A test with a server of its own, whose clock stands still at 1 January 2000.</summary>
public abstract class FrontendTest : IAsyncLifetime
{
    internal FrontendHost Host { get; private set; } = null!;

    internal ScriptedGenerator Generator => Host.Generator;

    protected FakeTimeProvider Time { get; } = new();

    public virtual async Task InitializeAsync() => Host = await FrontendHost.StartAsync(Options, Time, Models);

    public async Task DisposeAsync() => await Host.DisposeAsync();

    protected virtual FrontendOptions Options => new();

    protected virtual ServedModel[] Models => [DemoModel.Served()];

    protected Task<HttpResponseMessage> ChatAsync(string fields = "", string messages = """[{"role":"user","content":"Hi"}]""") =>
        Host.SendAsync("/v1/chat/completions", $$"""{"model":"demo","messages":{{messages}}{{Joined(fields)}}}""");

    protected Task<HttpResponseMessage> CompleteAsync(string fields = "", string prompt = "\"Hi\"") =>
        Host.SendAsync("/v1/completions", $$"""{"model":"demo","prompt":{{prompt}}{{Joined(fields)}}}""");

    /// <summary>Sends a chat, lets it end at once, and returns the sequence that the generator saw.</summary>
    private protected async Task<ScriptedSequence> SeenAsync(Func<Task<HttpResponseMessage>> send)
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();
        using HttpResponseMessage response = await send();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await Generator.NextAsync();
    }

    protected async Task<string[]> ScrapeAsync() => (await Host.Client.GetStringAsync("/metrics")).Split('\n');

    /// <summary>Waits until the metrics have a line: a request's end is counted after its last byte was sent.</summary>
    protected async Task<string[]> UntilMetricAsync(string line)
    {
        using CancellationTokenSource limit = new(Waiting.Limit);
        string[] lines = await ScrapeAsync();
        while (!lines.Contains(line))
        {
            limit.Token.ThrowIfCancellationRequested();
            lines = await ScrapeAsync();
        }

        return lines;
    }

    protected static async Task<JsonNode> JsonAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    private static string Joined(string fields) => fields.Length == 0 ? "" : "," + fields;
}
