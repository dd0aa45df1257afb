using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>What memory costs at this moment: a load whose address is the value loaded before, and a prompt's keys compared with equal ones.</summary>
internal static unsafe class LatencyProbe
{
    private const int NumLoads = 200_000;
    private const int LineBytes = 64;

    /// <summary>Nanoseconds of a dependent load anywhere in so many bytes.</summary>
    public static double DependentLoad(long numBytes, Random random)
    {
        int numLines = (int)Math.Max(numBytes / LineBytes, 2);
        byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)numLines * LineBytes, LineBytes);
        try
        {
            // One cycle through all lines (Sattolo's shuffle).
            for (int i = 0; i < numLines; i++)
            {
                *(int*)(memory + ((nint)i * LineBytes)) = i;
            }

            for (int i = numLines - 1; i > 0; i--)
            {
                int* a = (int*)(memory + ((nint)i * LineBytes));
                int* b = (int*)(memory + ((nint)random.Next(i) * LineBytes));
                (*a, *b) = (*b, *a);
            }

            int line = 0;
            double best = double.MaxValue;
            for (int round = 0; round < 4; round++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < NumLoads; i++)
                {
                    line = *(int*)(memory + ((nint)line * LineBytes));
                }

                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / NumLoads);
            }

            return line >= 0 ? best : throw new BenchmarkFault("The cycle left its lines.");
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    /// <summary>Nanoseconds to compare so many keys with equal ones, both in cache.</summary>
    public static double HotCompare(int numKeys)
    {
        ulong[] a = new ulong[numKeys];
        ulong[] b = new ulong[numKeys];
        const int repeats = 2000;
        double best = double.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            int equal = 0;
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repeats; i++)
            {
                equal += a.AsSpan().CommonPrefixLength(b);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / repeats);
            if (equal != repeats * numKeys)
            {
                throw new BenchmarkFault("Equal keys differ.");
            }
        }

        return best;
    }
}
