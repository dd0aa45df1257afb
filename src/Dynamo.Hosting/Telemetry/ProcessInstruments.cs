using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Dynamo.Cluster.Telemetry;

namespace Dynamo.Hosting.Telemetry;

/// <summary>The process as every Prometheus client library describes it (<c>process_*</c>), looked at when somebody asks.</summary>
internal sealed class ProcessInstruments : IObservedInstruments
{
    private const string LimitsFile = "/proc/self/limits";
    private const string FilesFolder = "/proc/self/fd";

    /// <summary>Creates the instruments.</summary>
    public ProcessInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create("Dynamo.Process");
        double start = Look(static process => (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
        meter.CreateObservableCounter("process.cpu", static () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Total user and system CPU time spent in seconds.");
        meter.CreateObservableGauge("process.resident_memory", static () => Look(static process => process.WorkingSet64), "By", "Resident memory size in bytes.");
        meter.CreateObservableGauge("process.virtual_memory", static () => Look(static process => process.VirtualMemorySize64), "By", "Virtual memory size in bytes.");
        meter.CreateObservableGauge("process.threads", static () => Look(static process => process.Threads.Count), "{thread}", "Number of OS threads in the process.");
        meter.CreateObservableGauge("process.start_time", () => start, "s", "Start time of the process since unix epoch in seconds.");
        if (Directory.Exists(FilesFolder))
        {
            meter.CreateObservableGauge("process.open_fds", static () => Directory.EnumerateFiles(FilesFolder).Count(), "{fd}", "Number of open file descriptors.");
        }

        if (MaxFiles() is { } most)
        {
            meter.CreateObservableGauge("process.max_fds", () => most, "{fd}", "Maximum number of open file descriptors.");
        }
    }

    private static T Look<T>(Func<Process, T> look)
    {
        using Process process = Process.GetCurrentProcess();
        return look(process);
    }

    // "Max open files            1024                 524288               files": the first is the limit that holds. None where it is unlimited, or not Linux.
    private static long? MaxFiles()
    {
        const string name = "Max open files";
        string? line = File.Exists(LimitsFile) ? File.ReadLines(LimitsFile).FirstOrDefault(static line => line.StartsWith(name, StringComparison.Ordinal)) : null;
        string? soft = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long most) ? most : null;
    }
}
