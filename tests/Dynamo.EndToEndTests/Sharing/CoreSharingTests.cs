using System.Globalization;
using System.Net.Http.Json;
using Dynamo.EndToEndTests.Faults;
using Xunit;

namespace Dynamo.EndToEndTests.Sharing;

/// <summary>Two processes that serve on the same two cores.</summary>
public sealed class CoreSharingTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-host-");

    public void Dispose() => _folder.Delete(recursive: true);

    [TwoCoreFact]
    public async Task SecondProcess_TakesOneOfTwoCores_UntilItIsKilled()
    {
        using CancellationTokenSource ending = new();
        await using ChildProcess first = await ServeAsync();
        Task firstLoad = LoadAsync(first, ending.Token);
        await ComputesOnAsync(first, 2);

        await using ChildProcess second = await ServeAsync();
        Task secondLoad = LoadAsync(second, ending.Token);
        await ComputesOnAsync(second, 1);
        await ComputesOnAsync(first, 1);
        string both = await DoctorAsync();
        Assert.Contains("2 workers: ", both);
        Assert.Contains($"process {first.Id} is busy (1 thread)", both);
        Assert.Contains($"process {second.Id} is busy (1 thread)", both);

        await second.KillAsync();
        await ComputesOnAsync(first, 2);
        string alone = await DoctorAsync();
        Assert.Contains($"1 worker: process {first.Id} is busy (2 threads)", alone);

        await ending.CancelAsync();
        await Task.WhenAll(firstLoad, secondLoad);
    }

    [TwoCoreFact]
    public async Task ProcessThatWaits_LeavesItsCoreToTheOther()
    {
        using CancellationTokenSource ending = new();
        await using ChildProcess idle = await ServeAsync();
        await using ChildProcess busy = await ServeAsync();
        Task load = LoadAsync(busy, ending.Token);

        await ComputesOnAsync(busy, 2);
        Assert.Equal(0, await EngineThreads.CountBusyAsync(idle.Id));

        await ending.CancelAsync();
        await load;
    }

    private static async Task ComputesOnAsync(ChildProcess process, int numThreads)
    {
        int last = 0;
        await Eventually.TrueAsync(
            async () => (last = await EngineThreads.CountBusyAsync(process.Id)) == numThreads,
            () => Task.FromResult($"{process.Name} computes on {last} threads, not {numThreads}; it printed:\n{process.Output}"));
    }

    // Eight sequences at once, again and again, until told to stop or the process is gone.
    private static Task LoadAsync(ChildProcess process, CancellationToken cancellationToken)
    {
        HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{process.Name}"), Timeout = Limit };
        return Task.WhenAll(Enumerable.Range(0, 8).Select(async client =>
        {
            try
            {
                while (true)
                {
                    using HttpResponseMessage answer = await http.PostAsJsonAsync(
                        "v1/completions",
                        new { model = "demo", prompt = $"Client {client}", max_tokens = 1000, ignore_eos = true },
                        cancellationToken);
                    answer.EnsureSuccessStatusCode();
                }
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
            {
                // The test is over, or the process was killed; after any other failure it would not compute, and the test would say so.
            }
        }));
    }

    private async Task<ChildProcess> ServeAsync()
    {
        string port = DynamoProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        ChildProcess process = ChildProcess.Start(
            port,
            "taskset",
            ["-c", "0,1", Repository.DynamoProgram, "serve", "--model", Repository.DemoModel, "--served-model-name", "demo", "--http-port", port],
            Variables());
        await process.PrintedAsync("dynamo: serving", Limit);
        return process;
    }

    private async Task<string> DoctorAsync()
    {
        await using ChildProcess doctor = ChildProcess.Start("doctor", Repository.DynamoProgram, ["doctor"], Variables());
        await doctor.ExitedAsync(Limit);
        return doctor.Output;
    }

    private Dictionary<string, string> Variables() => new(DynamoProcess.RuntimeVariables()) { ["DYN_HOST_DIR"] = _folder.FullName };
}
