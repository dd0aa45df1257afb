using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Dynamo.Benchmarks.Serving;

/// <summary>A program that the benchmark started: its output is kept, and it is gone, by its pid, when the benchmark is. Thread-safe.</summary>
internal sealed partial class ChildProcess : IDisposable
{
    private const int SignalTerminate = 15;
    private const int MaxOutput = 20_000;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentDictionary<int, ChildProcess> Alive = new();

    private readonly StringBuilder _output = new();
    private readonly bool _hasChildren;

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (ChildProcess child in Alive.Values)
        {
            child.Dispose();
        }
    };

    /// <summary>Starts it.</summary>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="program">Its path, or a name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables on top of this process's own.</param>
    /// <param name="hasChildren">Whether it has processes of its own, which it ends when it is asked to end and not when it is killed.</param>
    /// <exception cref="BenchmarkFault">It cannot be started.</exception>
    public ChildProcess(string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, bool hasChildren = false)
    {
        Name = name;
        _hasChildren = hasChildren;
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string variable, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        Process = new Process { StartInfo = start };
        Process.OutputDataReceived += (_, line) => Keep(line.Data);
        Process.ErrorDataReceived += (_, line) => Keep(line.Data);
        StartedAt = Stopwatch.GetTimestamp();
        try
        {
            Process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new BenchmarkFault($"{name} cannot be started from {program}: {e.Message}.");
        }

        Id = Process.Id;
        Alive[Id] = this;
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
    }

    /// <summary>What it is called in messages.</summary>
    public string Name { get; }

    /// <summary>The process.</summary>
    public Process Process { get; }

    /// <summary>Its pid.</summary>
    public int Id { get; }

    /// <summary>The stopwatch's timestamp when it was started.</summary>
    public long StartedAt { get; }

    /// <summary>Fails when it is gone.</summary>
    /// <exception cref="BenchmarkFault">It is; the message ends with what it printed.</exception>
    public void CheckAlive()
    {
        if (Process.HasExited)
        {
            throw new BenchmarkFault($"{Name} ended with code {Process.ExitCode}. It printed:\n{Output()}");
        }
    }

    /// <summary>The first part of what it printed, both streams.</summary>
    public string Output()
    {
        lock (_output)
        {
            return _output.ToString();
        }
    }

    /// <summary>Ends it. Nobody waits for what it has yet to do.</summary>
    public void Dispose()
    {
        // A pid may be another's once its process was waited for, so nothing is sent to one that has exited.
        if (!Alive.TryRemove(Id, out _) || Process.HasExited)
        {
            return;
        }

        bool isGone = _hasChildren && Kill(Id, SignalTerminate) == 0 && Process.WaitForExit(StopTimeout);
        if (!isGone)
        {
            Process.Kill();
            Process.WaitForExit();
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            if (line is not null && _output.Length < MaxOutput)
            {
                _output.AppendLine(line);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
