using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Dynamo.EndToEndTests.Doctor;

public sealed class ClusterDoctorTests
{
    [ServersFact]
    public async Task MockersThatWriteTheSameText_AreAllWell_UntilOneIsKilled()
    {
        await using Scene scene = new();
        await scene.StartRedisAsync(isDurable: true);
        await scene.StartNatsAsync();
        int http = Scene.FreePort();
        int silo = Scene.FreePort();
        await scene.StartDynamoAsync("serving the cluster's models", "frontend", "--http-port", $"{http}");
        string[] mocker = ["mocker", "--model-path", scene.MockModel(), "--model-name", "mock", "--speedup-ratio", "1000"];
        await scene.StartDynamoAsync("worker is ready", mocker);
        Process second = await scene.StartDynamoAsync("worker is ready", [.. mocker, "--silo-port", $"{silo}"]);

        (int exitCode, string output) = await scene.DoctorAsync();

        Assert.True(exitCode == 0, output);
        Assert.Contains("ok   mesh        all: 13 of 13 connections between members and from this host can be made", output);
        Assert.Equal(2, output.Split('\n').Count(static line => line.StartsWith("ok   silo ", StringComparison.Ordinal) && line.Contains(": Worker, version ", StringComparison.Ordinal)));
        Assert.Contains("ok   model       mock: 2 ready, numerics mock", output);
        Assert.EndsWith("all is well\n", output);

        // Requests go to both in turn.
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{http}") };
        string[] texts = [await TextAsync(client, "Hello"), await TextAsync(client, "Hello"), await TextAsync(client, "Hallo")];
        Assert.Equal(texts[0], texts[1]);
        Assert.NotEqual(texts[0], texts[2]);
        Assert.All(texts[0], static character => Assert.InRange(character, ' ', '~'));

        await Scene.KillAsync(second);
        (exitCode, output) = await scene.DoctorAsync();

        // It may have been voted out already, and then only its instance is missed.
        Assert.True(
            exitCode == 1 ? output.Contains($"cannot reach 127.0.0.1:{silo}: connection refused", StringComparison.Ordinal) : !output.Contains($"127.0.0.1:{silo}", StringComparison.Ordinal),
            output);
    }

    private static async Task<string> TextAsync(HttpClient client, string prompt)
    {
        using HttpResponseMessage response = await client.PostAsJsonAsync(
            "v1/completions",
            new JsonObject { ["model"] = "mock", ["prompt"] = prompt, ["max_tokens"] = 20, ["seed"] = 1 });
        JsonNode answer = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.True(response.IsSuccessStatusCode, answer.ToJsonString());
        return (string)answer["choices"]![0]!["text"]!;
    }
}
