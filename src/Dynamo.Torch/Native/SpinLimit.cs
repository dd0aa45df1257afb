using System.Globalization;
using System.Runtime.InteropServices;

namespace Dynamo.Torch.Native;

/// <summary>
/// How long a thread of libtorch's pool (GNU OpenMP's) spins for the others at the end of a parallel part, before it sleeps in the kernel.
/// OpenMP's own limit is some milliseconds, which is longer than a time slice: with more threads than cores, the one that spins keeps the one that it
/// waits for from running, in each of a step's hundred parts.
/// </summary>
internal static partial class SpinLimit
{
    // Spins of one pause instruction, 40 to 140 cycles: half a millisecond, more than a wait within a step takes when every thread has a core,
    // and little beside a time slice when one has none.
    private const int NumSpins = 20_000;
    private const string NumSpinsVariable = "GOMP_SPINCOUNT";
    private const string PolicyVariable = "OMP_WAIT_POLICY";

    /// <summary>
    /// Sets it, unless the environment says something. OpenMP reads the process's own environment once, when it is loaded, so this comes before
    /// libtorch; <see cref="Environment.SetEnvironmentVariable(string, string)"/> changes only what .NET sees.
    /// </summary>
    public static void Set()
    {
        if (Environment.GetEnvironmentVariable(NumSpinsVariable) is null && Environment.GetEnvironmentVariable(PolicyVariable) is null)
        {
            // Fails only without memory for a few bytes; libtorch then spins longer.
            _ = SetVariable(NumSpinsVariable, NumSpins.ToString(CultureInfo.InvariantCulture), overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
