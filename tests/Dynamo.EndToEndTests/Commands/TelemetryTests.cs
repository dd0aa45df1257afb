using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using Dynamo.EndToEndTests.Faults;
using Xunit;

namespace Dynamo.EndToEndTests.Commands;

/// <summary>What a frontend and a worker in processes of their own send to an OpenTelemetry collector, and what they show to Prometheus.</summary>
public sealed class TelemetryTests : IAsyncLifetime
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<byte[]> _sent = [];
    private readonly HttpListener _collector = new();
    private readonly int _collectorPort = DynamoProcess.FreePort();
    private Task _collecting = Task.CompletedTask;

    public Task InitializeAsync()
    {
        _collector.Prefixes.Add($"http://127.0.0.1:{_collectorPort}/");
        _collector.Start();
        _collecting = CollectAsync();
        return Task.CompletedTask;
    }

    [FaultFact]
    public async Task TracedRequest_IsOneTraceOverBothProcesses_AndPrometheusHasNothingToSayOfTheNames()
    {
        await using RedisServer redis = new();
        await redis.StartAsync();
        Dictionary<string, string> environment = new()
        {
            ["REDIS_ENDPOINTS"] = redis.EndPoint,
            ["DYN_NAMESPACE"] = "traced",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{_collectorPort}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["OTEL_SERVICE_NAME"] = "the-frontend",
        };
        int port = DynamoProcess.FreePort();
        int systemPort = DynamoProcess.FreePort();
        await using ChildProcess frontend = DynamoProcess.Start("frontend", ["frontend", "--http-port", $"{port}"], environment);
        await frontend.PrintedAsync("dynamo: serving", Limit);
        environment["OTEL_SERVICE_NAME"] = "the-worker";
        await using ChildProcess worker = DynamoProcess.Start(
            "mocker", ["mocker", "--model-path", Repository.DemoModel, "--model-name", "traced", "--speedup-ratio", "100", "--system-port", $"{systemPort}"], environment);
        await worker.PrintedAsync("dynamo: worker is ready for model traced", Limit);
        using HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Eventually.TrueAsync(async () => (await http.GetAsync("health")).IsSuccessStatusCode, () => http.GetStringAsync("health"));

        using HttpRequestMessage request = new(HttpMethod.Post, "v1/completions") { Content = JsonContent.Create(new { model = "traced", prompt = "Hello", max_tokens = 4 }) };
        request.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
        (await http.SendAsync(request)).EnsureSuccessStatusCode();

        foreach (string span in (string[])["POST /v1/completions", "text_completion traced", "dispatch", "route", "decide"])
        {
            await Eventually.TrueAsync(() => Task.FromResult(HasSent("the-frontend", span)), () => Task.FromResult($"the frontend has not sent '{span}' of the trace"));
        }

        foreach (string span in (string[])["generate", "prefill", "decode"])
        {
            await Eventually.TrueAsync(() => Task.FromResult(HasSent("the-worker", span)), () => Task.FromResult($"the worker has not sent '{span}' of the trace"));
        }

        string shown = await http.GetStringAsync("metrics") + await http.GetStringAsync($"http://127.0.0.1:{systemPort}/metrics");
        Assert.Contains("dynamo_component_requests_total{model=\"traced\",worker_id=\"", shown, StringComparison.Ordinal);
        Assert.Contains("dynamo_namespace=\"traced\",dynamo_component=\"backend\"} 1\n", shown, StringComparison.Ordinal);
        await AssertPromtoolIsContentAsync(await http.GetStringAsync("metrics"));
        await AssertPromtoolIsContentAsync(await http.GetStringAsync($"http://127.0.0.1:{systemPort}/metrics"));
    }

    public async Task DisposeAsync()
    {
        _collector.Close();
        await _collecting;
    }

    // Of one process and trace in one message; what else there is of protobuf does not matter here.
    private bool HasSent(string service, string span) => _sent.Any(message =>
        message.AsSpan().IndexOf(Encoding.UTF8.GetBytes(service)) >= 0
        && message.AsSpan().IndexOf(Convert.FromHexString(TraceId)) >= 0
        && message.AsSpan().IndexOf(Encoding.UTF8.GetBytes(span)) >= 0);

    private async Task CollectAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _collector.GetContextAsync();
                using MemoryStream body = new();
                await context.Request.InputStream.CopyToAsync(body);
                _sent.Enqueue(body.ToArray());
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    // Where Prometheus' tool is installed. Dynamo has four names that it would not have chosen.
    private static async Task AssertPromtoolIsContentAsync(string metrics)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(static folder => File.Exists(Path.Combine(folder, "promtool"))))
        {
            return;
        }

        using Process promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
        await promtool.StandardInput.WriteAsync(metrics);
        promtool.StandardInput.Close();
        string[] said = (await promtool.StandardError.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(said, static line => Assert.Matches("^dynamo_(component_kv_cache_events_applied|router_overhead_[a-z_]+_ms) ", line));
    }
}
