using System.Runtime.InteropServices;

namespace Dynamo.Engine.Sharing;

/// <summary>The cores that this process may use: its affinity mask, and the quota of its control group.</summary>
internal static unsafe partial class OwnCores
{
    /// <summary>Reads both.</summary>
    /// <param name="numThreads">As many threads as this, or <see langword="null"/> for as many as there are cores.</param>
    public static CoreClaim Read(int? numThreads)
    {
        CoreClaim claim = new() { Processors = Affinity(), ProcessId = Environment.ProcessId, IsFixed = numThreads is null ? 0 : 1 };
        int cores = Math.Min(claim.Processors.Count, Environment.ProcessorCount);
        if (CpuQuota.Find(ControlGroup.Own()) is { } quota)
        {
            claim.Group = quota.Group;
            claim.GroupCores = quota.NumCores;
            cores = Math.Min(cores, quota.NumCores);
        }

        claim.NumThreads = numThreads ?? cores;
        return claim;
    }

    private static CpuSet Affinity()
    {
        CpuSet set = default;
        if (GetAffinity(0, (nuint)sizeof(CpuSet), &set) != 0)
        {
            // More processors than the set has room for, or a kernel that does not tell: numbers without meaning, but the right count.
            for (int i = 0; i < Math.Min(Environment.ProcessorCount, CpuSet.MaxProcessors); i++)
            {
                set.Add(i);
            }
        }

        return set;
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int process, nuint size, CpuSet* set);
}
