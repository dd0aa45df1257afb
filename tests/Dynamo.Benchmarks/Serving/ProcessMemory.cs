using System.Globalization;

namespace Dynamo.Benchmarks.Serving;

/// <summary>Memory of a process, in bytes.</summary>
/// <param name="Resident">Resident, with what it shares with others (VmRSS).</param>
/// <param name="PrivateDirty">Written, and nobody else's.</param>
/// <param name="Anonymous">In no file.</param>
internal readonly record struct ProcessMemory(long Resident, long PrivateDirty, long Anonymous)
{
    /// <summary>Looks at a process.</summary>
    public static ProcessMemory Of(int pid)
    {
        string rollup = File.ReadAllText($"/proc/{pid}/smaps_rollup");
        return new ProcessMemory(Bytes(File.ReadAllText($"/proc/{pid}/status"), "VmRSS"), Bytes(rollup, "Private_Dirty"), Bytes(rollup, "Anonymous"));
    }

    /// <summary>Reads <c>Name:   123 kB</c> from such a file.</summary>
    public static long Bytes(string file, string name)
    {
        string line = file.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] == ':');
        return long.Parse(line[(name.Length + 1)..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture) << 10;
    }
}
