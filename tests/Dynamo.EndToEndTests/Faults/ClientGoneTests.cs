using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>A client that leaves takes nothing with it, whenever it leaves. One process with a small engine, so that each phase can be held.</summary>
[Trait("Category", "Fault")]
public sealed class ClientGoneTests(SmallServer server, ITestOutputHelper output) : IClassFixture<SmallServer>, IAsyncLifetime
{
    private const string Running = "dynamo_component_running_requests";
    private const string Waiting = "dynamo_component_waiting_requests";
    private const string ActiveBlocks = "dynamo_component_kvstats_active_blocks";
    private const string Started = "dynamo_frontend_requests_started_total";
    private const string Ended = "dynamo_frontend_requests_total";

    // A request that was never read whole is nobody's: it is counted under another name.
    private const string Model = "model=\"demo\"";
    private const int MaxNumSequences = SmallServer.MaxNumSequences;

    private readonly DynamoProcess _server = server.Process;
    private MetricPage _before = null!;

    public async Task InitializeAsync() => _before = await PageAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task BeforeAdmission_WithHalfARequest()
    {
        using TcpClient client = new();
        await client.ConnectAsync(_server.Address.Host, _server.Address.Port);
        byte[] half = Encoding.ASCII.GetBytes(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"model\": \"demo\", \"messages\": [");
        await client.GetStream().WriteAsync(half);
        client.Client.LingerState = new LingerOption(true, 0);
        client.Close();

        await AssertNothingIsLeftAsync(numStarted: 0, numCancelled: 0);
    }

    [Fact]
    public async Task WhileQueued_TheOthersGoOn()
    {
        using CancellationTokenSource others = new();
        using CancellationTokenSource leaving = new();
        Task[] running = [.. Enumerable.Range(0, MaxNumSequences).Select(_ => StreamAsync(Story(4000), others.Token))];
        await UntilAsync(Running, MaxNumSequences);
        double blocksOfOthers = (await PageAsync()).Sum(ActiveBlocks);
        Task queued = StreamAsync(Story(4000), leaving.Token);
        await UntilAsync(Waiting, 1);
        await LeaveAsync(leaving, queued);
        await UntilAsync(Waiting, 0);

        MetricPage page = await PageAsync();
        Assert.Equal(MaxNumSequences, page.Sum(Running));
        Assert.True(page.Sum(ActiveBlocks) >= blocksOfOthers, "the running ones kept their blocks");
        await LeaveAsync(others, running);
        await AssertNothingIsLeftAsync(numStarted: MaxNumSequences + 1, numCancelled: MaxNumSequences + 1);
    }

    [Fact]
    public async Task InPrefill_BeforeAnyToken()
    {
        // The answer is long enough that the request is not over, however late this process or the server are.
        JsonObject request = Story(2000);
        request["messages"]![0]!["content"] = string.Join(' ', Enumerable.Range(100, 80).Select(static i => $"Ada and Ben {i}."));
        using CancellationTokenSource leaving = new();
        Task<int> stream = StreamAsync(request, leaving.Token);
        await UntilAsync(Running, 1);
        await LeaveAsync(leaving, stream);
        await AssertNothingIsLeftAsync(numStarted: 1, numCancelled: 1);
    }

    [Fact]
    public async Task InDecode()
    {
        using CancellationTokenSource leaving = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => StreamAsync(Story(4000), leaving.Token, leaveAfter: 5, leaving));
        await AssertNothingIsLeftAsync(numStarted: 1, numCancelled: 1);
    }

    [Fact]
    public async Task AtTheEnd_ItIsCountedOnceEitherWay()
    {
        const int numTokens = 8;
        using CancellationTokenSource leaving = new();
        try
        {
            await StreamAsync(Story(numTokens), leaving.Token, leaveAfter: numTokens, leaving);
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // It left first; otherwise the last tokens came in one piece, and the answer had ended.
        }

        await AssertNothingIsLeftAsync(numStarted: 1, numCancelled: null);
    }

    private static JsonObject Story(int numTokens)
    {
        JsonObject request = Subject.Request(0, numTokens);
        request["logprobs"] = false;
        return request;
    }

    private static async Task LeaveAsync(CancellationTokenSource leaving, params Task[] streams)
    {
        foreach (Task stream in streams)
        {
            if (streams.Length == 1 && !leaving.IsCancellationRequested && stream.IsCompleted)
            {
                await stream;
                Assert.Fail("the stream ended before its client left");
            }
        }

        await leaving.CancelAsync();
        foreach (Task stream in streams)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream);
        }
    }

    // Every block is free, every count is back, and every request that began is counted as ended once.
    private async Task AssertNothingIsLeftAsync(int numStarted, int? numCancelled)
    {
        TimeSpan time = TimeSpan.Zero;
        foreach (string name in (string[])[ActiveBlocks, Running, Waiting, "dynamo_component_inflight_requests", "dynamo_frontend_inflight_requests", "dynamo_frontend_queued_requests"])
        {
            time += await UntilAsync(name, 0);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"all blocks and counts were back {time.TotalMilliseconds:0} ms after the first look"));
        await Eventually.TrueAsync(
            async () => Since(await PageAsync(), Ended, Model) == numStarted,
            async () => $"{Ended} grew by {Since(await PageAsync(), Ended, Model)}, not {numStarted}");
        MetricPage page = await PageAsync();
        Assert.Equal(numStarted, Since(page, Started, Model));
        Assert.Equal(page.Sum(Ended), page.Sum(Started));
        double numSucceeded = Since(page, Ended, "status=\"success\"");
        double numCancellations = Since(page, "dynamo_frontend_model_cancellation_total", Model);
        if (numCancelled is { } expected)
        {
            Assert.Equal(expected, Since(page, Ended, Model) - numSucceeded);
            Assert.Equal(expected, numCancellations);
        }
        else
        {
            Assert.Equal(numStarted, numCancellations + numSucceeded);
        }
    }

    private double Since(MetricPage page, string name, string label) => page.Sum(name, label) - _before.Sum(name, label);

    private Task<MetricPage> PageAsync() => MetricPage.ReadAsync(_server.Http, _server.Address);

    private Task<TimeSpan> UntilAsync(string metric, double value) => Eventually.TrueAsync(
        async () => (await PageAsync()).Sum(metric) == value,
        async () => $"{metric} is {(await PageAsync()).Sum(metric)}, not {value}");

    // Returns the number of events of a stream that ended; a client that leaves after some of them cancels.
    private async Task<int> StreamAsync(JsonObject body, CancellationToken cancellationToken, int leaveAfter = int.MaxValue, CancellationTokenSource? leaving = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(body) };
        using HttpResponseMessage response = await _server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(cancellationToken));
        int numEvents = 0;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("data: {", StringComparison.Ordinal) && ++numEvents == leaveAfter)
            {
                await leaving!.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return numEvents;
    }
}
