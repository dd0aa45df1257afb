using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Dynamo.EndToEndTests.Processes;

/// <summary>
/// A process that a test started: its output is kept, it is signalled by its pid, and it is gone when the test is, even when the test host
/// ends early. Thread-safe.
/// </summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<int, ChildProcess> Alive = new();

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (ChildProcess process in Alive.Values)
        {
            process.TrySend(Signal.Kill);
        }
    };

    private ChildProcess(string name, ProcessStartInfo start)
    {
        Name = name;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.Exited += (_, _) => OnExited();
        _process.Start();
        Id = _process.Id;
        Alive[Id] = this;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it is called in messages.</summary>
    public string Name { get; }

    /// <summary>Its pid.</summary>
    public int Id { get; }

    /// <summary>Whether it is gone.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it printed, both streams.</summary>
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

    /// <summary>Starts a program.</summary>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="program">Its path, or a name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables on top of this process's own.</param>
    /// <param name="network">Network namespace to run in; <see langword="null"/>: this one.</param>
    public static ChildProcess Start(
        string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? network = null)
    {
        // 'ip netns exec' becomes the program: the pid is the program's own.
        ProcessStartInfo start = network is null ? new(program, arguments) : new("ip", ["netns", "exec", network, program, .. arguments]);
        foreach ((string variable, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        return new ChildProcess(name, start);
    }

    /// <summary>Sends a signal.</summary>
    /// <exception cref="Win32Exception">It is gone, or may not be signalled.</exception>
    public void Send(Signal signal)
    {
        if (!TrySend(signal))
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{Name} (pid {Id}) cannot be sent {signal}");
        }
    }

    /// <summary>Waits until it has printed a text.</summary>
    /// <exception cref="InvalidOperationException">It ended first.</exception>
    /// <exception cref="TimeoutException">It took longer than the limit.</exception>
    public async Task PrintedAsync(string text, TimeSpan limit)
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_output)
        {
            if (_output.ToString().Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            _awaited.Add((text, seen));
        }

        if (_process.HasExited)
        {
            OnExited();
        }

        try
        {
            await seen.Task.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Name} did not print '{text}' in {limit}; it printed:\n{Output}");
        }
    }

    /// <summary>Waits until it is gone.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It took longer than the limit.</exception>
    public async Task<int> ExitedAsync(TimeSpan limit)
    {
        using CancellationTokenSource deadline = new(limit);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{Name} (pid {Id}) still runs after {limit}; it printed:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Kills it and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            TrySend(Signal.Kill);
            await _process.WaitForExitAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Alive.TryRemove(Id, out _);
    }

    // A pid may be another's once its process was waited for, so nothing is sent to one that has exited.
    private bool TrySend(Signal signal) => !_process.HasExited && Kill(Id, (int)signal) == 0;

    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
            for (int i = _awaited.Count - 1; i >= 0; i--)
            {
                if (line.Contains(_awaited[i].Text, StringComparison.Ordinal))
                {
                    _awaited[i].Seen.TrySetResult();
                    _awaited.RemoveAt(i);
                }
            }
        }
    }

    private void OnExited()
    {
        lock (_output)
        {
            foreach ((string text, TaskCompletionSource seen) in _awaited)
            {
                seen.TrySetException(new InvalidOperationException($"{Name} (pid {Id}) ended without printing '{text}'; it printed:\n{_output}"));
            }

            _awaited.Clear();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
