namespace Dynamo.Benchmarks.Models;

/// <summary>One tensor of random bfloat16 numbers, which depend on nothing but its ordinal.</summary>
/// <param name="Ordinal">Seed.</param>
/// <param name="HubName">Name in a safetensors file.</param>
/// <param name="GgufName">Name in a GGUF file.</param>
/// <param name="Rows">Output features of a matrix, <see langword="null"/> for a vector.</param>
/// <param name="Columns">Length of a row.</param>
/// <param name="Mean">Mean of the numbers.</param>
/// <param name="Deviation">Their standard deviation.</param>
/// <param name="IsRotated">Whether its rows are heads that rotary positions turn; the two file formats order those rows differently.</param>
internal sealed record RandomTensor(int Ordinal, string HubName, string GgufName, int? Rows, int Columns, float Mean, float Deviation, bool IsRotated)
{
    // A sum of four uniform 16-bit numbers is near enough to normal.
    private const float SumMean = 2 * 65535f;
    private static readonly float SumDeviation = 65536f / MathF.Sqrt(3);

    /// <summary>Numbers in the tensor.</summary>
    public int Length => (Rows ?? 1) * Columns;

    /// <summary>Computes the numbers, row-major.</summary>
    public ushort[] Generate()
    {
        ushort[] numbers = GC.AllocateUninitializedArray<ushort>(Length);
        ulong seed = (ulong)(Ordinal + 1) << 40;
        float scale = Deviation / SumDeviation;
        Parallel.For(0, Rows ?? 1, row =>
        {
            Span<ushort> values = numbers.AsSpan(row * Columns, Columns);
            ulong first = seed + ((ulong)row * (ulong)Columns);
            for (int i = 0; i < values.Length; i++)
            {
                ulong bits = Mix(first + (ulong)i);
                uint sum = (ushort)bits + (uint)(ushort)(bits >> 16) + (ushort)(bits >> 32) + (uint)(bits >> 48);
                values[i] = ToBf16(Mean + ((sum - SumMean) * scale));
            }
        });
        return numbers;
    }

    // SplitMix64's output function (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014), over a counter.
    private static ulong Mix(ulong counter)
    {
        ulong z = counter * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    // Nearest, ties to even.
    private static ushort ToBf16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
