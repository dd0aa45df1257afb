using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class CrowdTests : FrontendTest
{
    private const int NumClients = 150;
    private const int NumPieces = 20;

    [Fact]
    public async Task ManyClients_SomeLeave_TheOthersGetTheirOwnTextAndNothingIsLeft()
    {
        ConcurrentBag<ScriptedSequence> sequences = [];
        Generator.OnStarted = sequence =>
        {
            sequences.Add(sequence);
            _ = Task.Run(() => SpeakAsync(sequence));
        };

        await Task.WhenAll(Enumerable.Range(0, NumClients).Select(client => Task.Run(() => (client % 3) switch
        {
            0 => WholeAsync(client * 10),
            1 => StreamAsync(client * 10),
            _ => LeaveAsync(client * 10),
        })));

        await Task.WhenAll(sequences.Select(static sequence => sequence.Disposed));
        Assert.Equal(NumClients * 2, sequences.Count);
        string[] lines = await UntilMetricAsync("dynamo_frontend_inflight_requests{model=\"demo\"} 0");
        Assert.Contains("dynamo_frontend_queued_requests{model=\"demo\"} 0", lines);
    }

    // Says its seed again and again. A seed that ends in 5 or 6 belongs to a client that leaves: it never ends.
    private static async Task SpeakAsync(ScriptedSequence sequence)
    {
        ulong seed = sequence.Spec.Sampling.Seed;
        for (int i = 0; i < NumPieces; i++)
        {
            sequence.Emit($" {seed}");
            await Task.Yield();
        }

        if (seed % 10 < 5)
        {
            sequence.EndTurn();
        }
    }

    private async Task WholeAsync(int seed)
    {
        using HttpResponseMessage response = await ChatAsync($"\"n\":2,\"seed\":{seed}");
        JsonArray choices = (await JsonAsync(response))["choices"]!.AsArray();

        Assert.Equal([Text(seed), Text(seed + 1)], choices.Select(static choice => (string)choice!["message"]!["content"]!));
    }

    private async Task StreamAsync(int seed)
    {
        await using EventReader events = new(await ChatAsync($"\"n\":2,\"seed\":{seed},\"stream\":true"));
        string[] texts = ["", ""];
        foreach (JsonNode choice in (await events.RestAsync()).Select(static chunk => chunk["choices"]![0]!))
        {
            texts[(int)choice["index"]!] += (string?)choice["delta"]!["content"];
        }

        Assert.Equal([Text(seed), Text(seed + 1)], texts);
    }

    private async Task LeaveAsync(int seed)
    {
        await using EventReader events = new(await ChatAsync($"\"n\":2,\"seed\":{seed + 5},\"stream\":true"));
        for (int i = 0; i < seed / 10 % 5; i++)
        {
            await events.NextAsync();
        }
    }

    private static string Text(int seed) => string.Concat(Enumerable.Repeat(" " + seed.ToString(CultureInfo.InvariantCulture), NumPieces));
}
