using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dynamo.EndToEndTests;

/// <summary>A <c>dynamo serve</c> process on a free loopback port; stopped by its own pid.</summary>
internal sealed class DynamoProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private DynamoProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
        Http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public int Id => _process.Id;

    /// <summary>What the process has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts a server on the bundled model and returns when it is ready.</summary>
    public static async Task<DynamoProcess> ServeAsync(params string[] arguments)
    {
        int port = FreePort();
        Uri address = new($"http://127.0.0.1:{port}");
        DynamoProcess server = new(
            Start(["serve", "--model", Repository.DemoModel, "--http-port", port.ToString(System.Globalization.CultureInfo.InvariantCulture), .. arguments]),
            address);
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
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Asks the process to stop as an operator would, and waits for it.</summary>
    public async Task<int> TerminateAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static Process Start(IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(Repository.DynamoProgram, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet")
        {
            start.Environment["DOTNET_ROOT"] = Path.GetDirectoryName(host);
        }

        return Process.Start(start)!;
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

    private void Append(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }

    /// <summary>A loopback port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
