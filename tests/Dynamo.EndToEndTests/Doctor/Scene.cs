using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dynamo.EndToEndTests.Doctor;

/// <summary>Redis, NATS and <c>dynamo</c> processes on free loopback ports, for the doctor to look at; all ended by their pids.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-doctor-");
    private readonly List<Process> _processes = [];

    public int RedisPort { get; } = FreePort();

    public int NatsPort { get; } = FreePort();

    /// <summary>A folder with a model's text files and no weights.</summary>
    public string MockModel()
    {
        string folder = Path.Combine(_folder.FullName, "mock");
        Directory.CreateDirectory(folder);
        foreach (string file in new[] { "config.json", "tokenizer.json", "tokenizer_config.json" })
        {
            File.Copy(Path.Combine(Repository.DemoModel, file), Path.Combine(folder, file), overwrite: true);
        }

        return folder;
    }

    public async Task StartRedisAsync(bool isDurable, params string[] more)
    {
        Start("redis-server", ["--port", $"{RedisPort}", "--bind", "127.0.0.1", "--save", "", "--dir", _folder.FullName, "--appendonly", isDurable ? "yes" : "no", .. more]);
        await ListensAsync(RedisPort);
    }

    public async Task StartNatsAsync(params string[] more)
    {
        Start("nats-server", ["-a", "127.0.0.1", "-p", $"{NatsPort}", .. more]);
        await ListensAsync(NatsPort);
    }

    /// <summary>Starts a role and returns when it has printed that it is ready.</summary>
    public async Task<Process> StartDynamoAsync(string ready, params string[] arguments)
    {
        Process process = Start(Repository.DynamoProgram, arguments);
        StringBuilder printed = new();
        using CancellationTokenSource limit = new(Limit);
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            printed.AppendLine(line);
            if (line.Contains(ready, StringComparison.Ordinal))
            {
                // Read on, or the process would block on a full pipe.
                _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
                return process;
            }
        }

        throw new InvalidOperationException($"dynamo {string.Join(' ', arguments)} ended without '{ready}'; it printed:\n{printed}");
    }

    /// <summary>Runs the doctor with this scene's Redis and NATS, or other variables.</summary>
    public async Task<(int ExitCode, string Output)> DoctorAsync(IReadOnlyDictionary<string, string?>? variables = null, params string[] arguments)
    {
        ProcessStartInfo start = StartInfo(Repository.DynamoProgram, ["doctor", .. arguments]);
        foreach ((string name, string? value) in variables ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenSource limit = new(Limit);
        Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"The doctor was not done after {Limit}.");
        }
    }

    /// <summary>Ends a process without a farewell.</summary>
    public static async Task KillAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Process process in Enumerable.Reverse(_processes))
        {
            if (!process.HasExited)
            {
                await KillAsync(process);
            }

            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private Process Start(string program, params string[] arguments)
    {
        Process process = Process.Start(StartInfo(program, arguments))!;
        _processes.Add(process);
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        if (program != Repository.DynamoProgram)
        {
            _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
        }

        return process;
    }

    private ProcessStartInfo StartInfo(string program, IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet")
        {
            start.Environment["DOTNET_ROOT"] = Path.GetDirectoryName(host);
        }

        foreach (string variable in new[] { "HEAD_NODE_IP", "ETCD_ENDPOINTS", "NATS_SERVERS", "DYN_NAMESPACE" })
        {
            start.Environment.Remove(variable);
        }

        start.Environment["REDIS_ENDPOINTS"] = $"127.0.0.1:{RedisPort}";
        start.Environment["NATS_SERVER"] = $"nats://127.0.0.1:{NatsPort}";
        return start;
    }

    private static async Task ListensAsync(int port)
    {
        using CancellationTokenSource limit = new(Limit);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
    }
}
