using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace Dynamo.EndToEndTests.Serving;

[Collection(ServerCollection.Name)]
public sealed class SoakTests(ServerFixture fixture)
{
    private const int NumClients = 32;
    private const long MaxGrowthBytes = 96L << 20;

    private static readonly int NumRequests = LongRounds.AreOn ? 2000 : 600;

    [Fact]
    public async Task MixedRequestsWithRandomCancels_AreAnsweredRightAndLeakNothing()
    {
        HttpClient http = fixture.Server.Http;
        string[] stories = await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => fixture.Chat.AnswerAsync(BundledModelTests.Story(seed))));
        int next = -1;
        int numCancelled = 0;
        long warm = 0;

        await Task.WhenAll(Enumerable.Range(0, NumClients).Select(async _ =>
        {
            int number;
            while ((number = Interlocked.Increment(ref next)) < NumRequests)
            {
                if (number == NumRequests / 4)
                {
                    warm = ResidentBytes();
                }

                if (!await RunAsync(new Random(number), stories))
                {
                    Interlocked.Increment(ref numCancelled);
                }
            }
        }));

        Assert.InRange(numCancelled, NumRequests / 20, NumRequests / 2);
        await ServerMetrics.UntilAsync(http, "dynamo_component_inflight_requests", 0);
        await ServerMetrics.UntilAsync(http, "dynamo_component_kvstats_active_blocks", 0);
        Assert.True(ResidentBytes() - warm < MaxGrowthBytes, $"resident memory went from {warm >> 20} to {ResidentBytes() >> 20} MiB");
    }

    // One request of a kind drawn from its own generator: checks the whole answer, or leaves after some pieces and checks those.
    private async Task<bool> RunAsync(Random random, string[] stories)
    {
        int seed = random.Next(stories.Length);
        BundledCheck check = BundledCheck.All[random.Next(BundledCheck.All.Count)];
        bool isStory = random.Next(4) == 0;
        string right = isStory ? stories[seed] : check.Answer;
        int leaveAfter = random.Next(5) == 0 ? random.Next(3) : int.MaxValue;
        if (leaveAfter == int.MaxValue && random.Next(2) == 0)
        {
            Assert.Equal(right, await fixture.Chat.AnswerAsync(isStory ? BundledModelTests.Story(seed) : check.Request()));
            return true;
        }

        JsonObject request = isStory ? BundledModelTests.Story(seed, stream: true) : check.Request(stream: true);
        string text = "";
        using CancellationTokenSource leaving = new();
        try
        {
            if (leaveAfter == 0)
            {
                leaving.CancelAfter(TimeSpan.FromMilliseconds(random.Next(20)));
            }

            await foreach (string piece in fixture.Chat.StreamAsync(request, leaving.Token))
            {
                text += piece;
                if (--leaveAfter == 0)
                {
                    await leaving.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            Assert.StartsWith(text, right);
            return false;
        }

        Assert.Equal(right, text);
        return true;
    }

    private long ResidentBytes()
    {
        string status = File.ReadAllText($"/proc/{fixture.Server.Id}/status");
        string line = status.Split('\n').Single(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
