using System.Diagnostics;
using System.Globalization;

namespace Dynamo.Benchmarks.Probes;

/// <summary>How much of the processors other programs (or a hypervisor) took between two looks.</summary>
/// <param name="children">Processes whose time is ours too.</param>
internal sealed class HostLoad(IReadOnlyList<Process> children)
{
    // proc(5): user nice system idle iowait irq softirq steal, in ticks of 1/100 s; guest time is within user.
    private const int NumFields = 8;
    private const int Idle = 3;
    private const int IoWait = 4;
    private const double TicksPerSecond = 100;

    private readonly Process _self = Process.GetCurrentProcess();
    private double _busy;
    private double _all;
    private double _own;

    /// <summary>Share of all processors that went to others since the last call, from 0 to 1.</summary>
    public double OthersShare()
    {
        (double busy, double all) = Processors();
        double own = Own();
        double share = all > _all ? (busy - _busy - (own - _own)) / (all - _all) : 0;
        (_busy, _all, _own) = (busy, all, own);
        return Math.Clamp(share, 0, 1);
    }

    private static (double Busy, double All) Processors()
    {
        string[] fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        double busy = 0;
        double all = 0;
        for (int i = 0; i < NumFields; i++)
        {
            double seconds = double.Parse(fields[i + 1], CultureInfo.InvariantCulture) / TicksPerSecond;
            all += seconds;
            busy += i is Idle or IoWait ? 0 : seconds;
        }

        return (busy, all);
    }

    private double Own()
    {
        _self.Refresh();
        double own = _self.TotalProcessorTime.TotalSeconds;
        foreach (Process child in children)
        {
            child.Refresh();
            own += child.TotalProcessorTime.TotalSeconds;
        }

        return own;
    }
}
