using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Dynamo.EndToEndTests.Processes;

/// <summary>A <c>dynamo</c> process that answers HTTP; stopped by its own pid.</summary>
internal sealed class DynamoProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly ChildProcess _process;

    private DynamoProcess(ChildProcess process, Uri address)
    {
        _process = process;
        Address = address;
        // A client that leaves closes its connection at once, instead of reading the rest of the answer for up to two seconds.
        Http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public int Id => _process.Id;

    /// <summary>What the process has printed.</summary>
    public string Output => _process.Output;

    /// <summary>Starts a server on the bundled model and returns when it is ready.</summary>
    public static async Task<DynamoProcess> ServeAsync(params string[] arguments)
    {
        int port = FreePort();
        DynamoProcess server = new(
            Start("serve", ["serve", "--model", Repository.DemoModel, "--http-port", $"{port}", .. arguments]),
            new Uri($"http://127.0.0.1:{port}"));
        long start = Stopwatch.GetTimestamp();
        while (!await server.IsReadyAsync())
        {
            if (server._process.HasExited || Stopwatch.GetElapsedTime(start) > StartLimit)
            {
                string output = server.Output;
                await server.DisposeAsync();
                throw new InvalidOperationException($"The server did not become ready; it printed:\n{output}");
            }

            await Task.Delay(50);
        }

        return server;
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        ProcessStartInfo start = new(Repository.DynamoProgram, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string variable, string value) in RuntimeVariables())
        {
            start.Environment[variable] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Starts a command that goes on; nothing is waited for.</summary>
    public static ChildProcess Start(
        string name, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? network = null)
    {
        Dictionary<string, string> variables = RuntimeVariables();
        foreach ((string variable, string value) in environment ?? new Dictionary<string, string>())
        {
            variables[variable] = value;
        }

        return ChildProcess.Start(name, Repository.DynamoProgram, arguments, variables, network);
    }

    /// <summary>Asks the process to stop as an operator would, and waits for it.</summary>
    public Task<int> TerminateAsync()
    {
        _process.Send(Signal.Terminate);
        return _process.ExitedAsync(StopLimit);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
    }

    /// <summary>Variables with which the program finds the runtime, which it does by itself only in the usual places.</summary>
    public static Dictionary<string, string> RuntimeVariables()
    {
        string? host = Environment.ProcessPath;
        return host is not null && Path.GetFileName(host) == "dotnet" ? new() { ["DOTNET_ROOT"] = Path.GetDirectoryName(host)! } : [];
    }

    /// <summary>A port that was free on the loopback address a moment ago.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using HttpResponseMessage response = await Http.GetAsync("health");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
