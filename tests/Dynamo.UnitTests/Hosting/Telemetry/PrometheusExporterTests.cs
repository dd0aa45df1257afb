using System.Diagnostics.Metrics;
using System.Text;
using Dynamo.Cluster.Telemetry;
using Dynamo.Hosting.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Dynamo.UnitTests.Hosting.Telemetry;

public sealed class PrometheusExporterTests : IAsyncLifetime
{
    private readonly ServiceProvider _services;
    private readonly IMetricsExporter _exporter;
    private readonly Meter _meter;

    public PrometheusExporterTests()
    {
        TelemetryOptions options = new() { Namespace = "here", Buckets = new Dictionary<string, double[]> { ["dynamo_b_seconds"] = [1, 2] } };
        _services = new ServiceCollection().AddDynamoTelemetry(options).BuildServiceProvider();
        _exporter = _services.GetRequiredService<IMetricsExporter>();
        _meter = _services.GetRequiredService<IMeterFactory>().Create("Test");
    }

    [Fact]
    public async Task Counter_HasItsDescriptionAndEndsInTotal()
    {
        Counter<long> counter = _meter.CreateCounter<long>("dynamo.a", "{thing}", "What it counts.");
        counter.Add(2, new KeyValuePair<string, object?>("kind.of", "x"));
        counter.Add(1, new KeyValuePair<string, object?>("kind.of", "y"));

        string text = await ExportAsync();

        Assert.Contains("# HELP dynamo_a_total What it counts.\n# TYPE dynamo_a_total counter\ndynamo_a_total{kind_of=\"x\"} 2\ndynamo_a_total{kind_of=\"y\"} 1\n", text);
    }

    [Fact]
    public async Task Histogram_HasItsOwnBuckets_UnlessOthersAreGiven()
    {
        _meter.CreateHistogram("dynamo.c", "{token}", "C.", [10, 20]).Record(15);
        _meter.CreateHistogram("dynamo.b", "s", "B.", [10, 20]).Record(1.5);

        string text = await ExportAsync();

        Assert.Contains("dynamo_c_bucket{le=\"10\"} 0\ndynamo_c_bucket{le=\"20\"} 1\ndynamo_c_bucket{le=\"+Inf\"} 1\n", text);
        Assert.Contains("dynamo_b_seconds_bucket{le=\"1\"} 0\ndynamo_b_seconds_bucket{le=\"2\"} 1\ndynamo_b_seconds_bucket{le=\"+Inf\"} 1\n", text);
    }

    [Fact]
    public async Task WorkersMetric_SaysWhichClusterAndComponent()
    {
        _meter.CreateUpDownCounter<long>("dynamo.component.d").Add(1, new KeyValuePair<string, object?>("model", "m"));

        Assert.Contains("dynamo_component_d{model=\"m\",dynamo_namespace=\"here\",dynamo_component=\"backend\"} 1\n", await ExportAsync());
    }

    [Fact]
    public async Task InstrumentsOfAnotherHostInTheProcess_AreNotShown()
    {
        using ServiceProvider other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        other.GetRequiredService<IMeterFactory>().Create("Test").CreateCounter<long>("dynamo.other").Add(1);

        Assert.DoesNotContain("dynamo_other", await ExportAsync());
    }

    [Fact]
    public async Task InstrumentsThatAreNotForPrometheus_AreNotListenedTo()
    {
        Assert.False(_meter.CreateHistogram<double>("gen_ai.server.request.duration").Enabled);
        Assert.DoesNotContain("gen_ai", await ExportAsync());
    }

    [Theory]
    [InlineData("process_cpu_seconds_total counter")]
    [InlineData("process_resident_memory_bytes gauge")]
    [InlineData("process_virtual_memory_bytes gauge")]
    [InlineData("process_open_fds gauge")]
    [InlineData("process_max_fds gauge")]
    [InlineData("process_threads gauge")]
    [InlineData("process_start_time_seconds gauge")]
    [InlineData("dotnet_gc_collections_total counter")]
    [InlineData("dotnet_gc_pause_time_seconds_total counter")]
    [InlineData("dotnet_gc_last_collection_heap_size_bytes gauge")]
    [InlineData("dotnet_thread_pool_queue_length gauge")]
    [InlineData("dotnet_thread_pool_threads gauge")]
    [InlineData("dotnet_assemblies gauge")]
    public async Task ProcessAndRuntime_AreDescribedAsEverywhere(string type)
    {
        // The runtime says nothing of its heap before it has collected once.
        GC.Collect();

        Assert.Contains($"# TYPE {type}\n", await ExportAsync());
    }

    [Fact]
    public async Task ProcessFigures_AreThisProcesss()
    {
        string[] lines = (await ExportAsync()).Split('\n');

        Assert.InRange(Value("process_resident_memory_bytes "), 1e6, 1e12);
        Assert.InRange(Value("process_cpu_seconds_total "), 0.01, 1e6);
        Assert.InRange(Value("process_threads "), 2, 10_000);
        Assert.InRange(Value("process_open_fds "), 3, Value("process_max_fds "));
        Assert.InRange(Value("process_start_time_seconds "), 1.7e9, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());

        double Value(string name) => double.Parse(Assert.Single(lines, line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Measuring_AllocatesNothing()
    {
        Counter<long> counter = _meter.CreateCounter<long>("dynamo.e");
        Histogram<double> histogram = _meter.CreateHistogram("dynamo.f", "s", "F.", [1, 2]);
        KeyValuePair<string, object?> model = Labels.Of("m");
        Measure();
        long before = GC.GetAllocatedBytesForCurrentThread();

        Measure();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Measure()
        {
            for (int i = 0; i < 100; i++)
            {
                counter.Add(1, model);
                histogram.Record(1.5, model);
            }
        }
    }

    public async Task InitializeAsync()
    {
        foreach (IHostedService service in _services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }
    }

    public async Task DisposeAsync() => await _services.DisposeAsync();

    private async Task<string> ExportAsync()
    {
        using MemoryStream stream = new();
        await _exporter.WriteAsync(stream, CancellationToken.None);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
