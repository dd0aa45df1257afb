namespace Dynamo.Benchmarks.Serving;

/// <summary>Counts the CPU time of some processes from its making on.</summary>
/// <param name="pids">The processes; they must live until they are asked for the last time.</param>
internal sealed class CpuMeter(IEnumerable<int> pids)
{
    private readonly (int Pid, CpuSnapshot Start)[] _processes = [.. pids.Select(static pid => (pid, CpuSnapshot.Of(pid)))];

    /// <summary>What they used since, together.</summary>
    public CpuUse Read() => CpuUse.Sum(_processes.Select(static process => CpuSnapshot.Of(process.Pid).Since(process.Start)));
}
