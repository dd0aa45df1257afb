using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Dynamo.Engine.Sharing;

/// <summary>Processor time that a control group gives all its processes together.</summary>
/// <param name="Group">Names the group among those of this host; not 0.</param>
/// <param name="NumCores">Whole cores of it, at least 1: a thread that spins on a part of a core uses up what the others need.</param>
internal readonly record struct CpuQuota(ulong Group, int NumCores)
{
    /// <summary>The least quota of a process's groups, or <see langword="null"/> when none has one.</summary>
    public static CpuQuota? Find(ControlGroup own)
    {
        CpuQuota? least = null;
        foreach (string folder in own.Folders("cpu"))
        {
            if (Read(folder) is { } cores && (least is not { } other || cores < other.NumCores))
            {
                least = new CpuQuota(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(own.Namespace + folder)) | 1, cores);
            }
        }

        return least;
    }

    private static int? Read(string folder)
    {
        // Version 2: "max 100000" or "150000 100000"; version 1: -1 for no quota.
        string[] parts = File.Exists(Path.Combine(folder, "cpu.max"))
            ? Text(folder, "cpu.max").Split(' ')
            : [Text(folder, "cpu.cfs_quota_us"), Text(folder, "cpu.cfs_period_us")];
        return parts is [string quotaText, string periodText]
            && long.TryParse(quotaText, CultureInfo.InvariantCulture, out long quota) && quota > 0
            && long.TryParse(periodText, CultureInfo.InvariantCulture, out long period) && period > 0
            ? (int)Math.Clamp(quota / period, 1, int.MaxValue)
            : null;
    }

    private static string Text(string folder, string file) =>
        Path.Combine(folder, file) is var path && File.Exists(path) ? File.ReadAllText(path).Trim() : "";
}
