using System.Globalization;
using System.Net;
using Dynamo.Cluster.Settings;

namespace Dynamo.Benchmarks.Serving;

/// <summary>Redis, a frontend and mockers, each a process, with ports of their own and nothing kept on disk.</summary>
internal sealed class ServingCluster : IDisposable
{
    /// <summary>The model's name in requests.</summary>
    public const string ModelName = "demo";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-serving-");
    private readonly List<ChildProcess> _processes = [];

    /// <summary>Starts them; <see cref="WaitUntilReady"/> waits.</summary>
    /// <param name="programs">What is started.</param>
    /// <param name="numWorkers">Mockers.</param>
    /// <param name="speedup">How much faster than the simulated GPU they are.</param>
    public ServingCluster(Programs programs, int numWorkers, double speedup)
    {
        try
        {
            int redis = FreePort.On(IPAddress.Loopback);
            _processes.Add(new ChildProcess(
                "redis-server", programs.Redis, ["--port", Text(redis), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder.FullName]));
            LoopbackPort.WaitUntilOpen(redis, _processes[0]);
            Port = FreePort.On(IPAddress.Loopback);
            Dictionary<string, string> environment = new(Programs.RuntimeVariables)
            {
                ["REDIS_ENDPOINTS"] = $"127.0.0.1:{redis}",
                ["DYN_NAMESPACE"] = $"serving-{Guid.NewGuid():n}",
            };
            Frontend = new ChildProcess("frontend", programs.Dynamo, ["frontend", "--http-port", Text(Port), "--advertise-host", "127.0.0.1"], environment);
            _processes.Add(Frontend);
            string[] mocker =
            [
                "mocker", "--model-path", programs.Model, "--model-name", ModelName, "--speedup-ratio", speedup.ToString(CultureInfo.InvariantCulture), "--max-model-len", "131072",
                "--advertise-host", "127.0.0.1",
            ];
            Workers = [.. Enumerable.Range(1, numWorkers).Select(number => new ChildProcess($"mocker {number}", programs.Dynamo, mocker, environment))];
            _processes.AddRange(Workers);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the frontend serves.</summary>
    public int Port { get; }

    /// <summary>The frontend.</summary>
    public ChildProcess Frontend { get; }

    /// <summary>The mockers.</summary>
    public IReadOnlyList<ChildProcess> Workers { get; }

    /// <summary>All of them, Redis too.</summary>
    public IReadOnlyList<ChildProcess> Processes => _processes;

    /// <summary>Waits until /health is 200, which it is when one mocker serves.</summary>
    public void WaitUntilHealthy()
    {
        byte[] request = HttpRequests.Get("/health");
        Deadline deadline = new(StartTimeout, "/health to be 200");
        while (LoadConnection.TryAsk(Port, request) is not { Status: 200 })
        {
            CheckAlive();
            deadline.WaitABit();
        }
    }

    /// <summary>Waits until every mocker serves.</summary>
    public void WaitUntilReady()
    {
        WaitUntilHealthy();
        Deadline deadline = new(StartTimeout, "every mocker to be ready");
        while (!Workers.All(static worker => worker.Output().Contains("worker is ready", StringComparison.Ordinal)))
        {
            CheckAlive();
            deadline.WaitABit();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Redis last, so that none of the others misses it.
        for (int i = _processes.Count - 1; i >= 0; i--)
        {
            _processes[i].Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private void CheckAlive()
    {
        foreach (ChildProcess process in _processes)
        {
            process.CheckAlive();
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
