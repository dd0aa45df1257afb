using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Samples;
using Xunit;

namespace Dynamo.EndToEndTests.Embedding;

/// <summary>The samples of docs/embedding.md, as they are printed there.</summary>
public sealed class EmbeddingTests
{
    private static readonly string[] Quiet = ["--Logging:LogLevel:Default=Critical", "--urls=http://127.0.0.1:0"];

    [Fact]
    public async Task ServerOfOnesOwn_ServesTheModelToWhomItKnows_AndItsOwnPagesAsBefore()
    {
        await using WebApplication app = EmbeddedServer.Build([$"--model-folder={Repository.DemoModel}", .. Quiet]);
        await app.StartAsync();
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };

        using HttpResponseMessage stranger = await client.GetAsync("/v1/models");
        using HttpResponseMessage page = await client.GetAsync("/");
        using HttpResponseMessage nothing = await client.GetAsync("/nothing");
        client.DefaultRequestHeaders.Authorization = await LoginAsync(client);
        using HttpResponseMessage unknown = await client.GetAsync("/v1/nothing");
        await UntilReadyAsync(client);
        using HttpResponseMessage answer = await client.PostAsJsonAsync("/v1/completions", new { prompt = "Tell me", max_tokens = 3 });

        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        Assert.Equal("a page of my own", await page.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.NotFound, ""), (nothing.StatusCode, await nothing.Content.ReadAsStringAsync()));
        Assert.All([page, nothing], static response => Assert.False(response.Headers.Contains("x-request-id")));
        Assert.Equal("unknown_url", (string?)(await unknown.Content.ReadFromJsonAsync<JsonNode>())!["error"]!["code"]);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.Contains("x-request-id"));
        Assert.Equal(3, (int)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["usage"]!["completion_tokens"]!);
        await app.StopAsync();
    }

    [Fact]
    public void FrontendOfACluster_WithoutOne_SaysWhatIsMissing()
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(() => EmbeddedFrontend.Build([.. Quiet, "--REDIS_ENDPOINTS=nowhere:x"]));

        Assert.Contains("REDIS_ENDPOINTS", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OptionThatIsNotThere_IsNamed()
    {
        InvalidOperationException fault = Assert.Throws<InvalidOperationException>(() =>
            EmbeddedServer.Build([$"--model-folder={Repository.DemoModel}", "--Dynamo:Router:Temperatur=1", .. Quiet]));

        Assert.Contains("Temperatur", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OptionsOfTheHostsConfiguration_AreChecked()
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(() =>
            EmbeddedServer.Build([$"--model-folder={Repository.DemoModel}", "--Dynamo:Worker:BlockSize=7", "--Dynamo:Worker:MaxNumSequences=0", .. Quiet]));

        Assert.Equal("MaxNumSequences must be 1 to 4096, is 0. BlockSize must be 8, 16, 32, 64, 128 or 256, is 7.", fault.Message);
    }

    private static async Task<AuthenticationHeaderValue> LoginAsync(HttpClient client)
    {
        using HttpResponseMessage login = await client.PostAsync("/login?user=me", null);
        return new AuthenticationHeaderValue("Bearer", (string?)(await login.Content.ReadFromJsonAsync<JsonNode>())!["accessToken"]);
    }

    private static async Task UntilReadyAsync(HttpClient client)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(1));
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            using HttpResponseMessage health = await client.GetAsync("/health", deadline.Token);
            if (health.IsSuccessStatusCode)
            {
                return;
            }

            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }
}
