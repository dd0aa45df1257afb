using Dynamo.Torch.Kernels;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;
using Xunit;

namespace Dynamo.TorchTests.Kernels;

/// <summary>Products with tiles of both widths: whichever the processor has, the other gives the same bits, slowly.</summary>
public sealed unsafe class PanelGemmTests
{
    public PanelGemmTests() => TorchLibrary.EnsureLoaded();

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 64, 2)]
    [InlineData(4, 65, 31)]
    [InlineData(7, 130, 53)]
    [InlineData(9, 17, 96)]
    [InlineData(14, 64, 600)]
    public void Multiply_AnyShape_AgreesWithPlainLoops(int numRows, int numOutputs, int numInputs)
    {
        AgreesWithPlainLoops<Bf16>(numRows, numOutputs, numInputs);
        AgreesWithPlainLoops<float>(numRows, numOutputs, numInputs);
    }

    [Theory]
    [InlineData(70, 70)]
    [InlineData(64, 513)]
    public void Multiply_ARowAloneOrAmongOthers_IsTheSameBits(int numOutputs, int numInputs)
    {
        IsTheSameBits<Bf16>(numOutputs, numInputs);
        IsTheSameBits<float>(numOutputs, numInputs);
    }

    [Fact]
    public void Multiply_ARowBesideOneThatIsNoNumber_IsNotTouchedByIt()
    {
        // Five inputs: a kernel that reads them in pairs must not read on into the next row.
        float[] x = [1, 1, 1, 1, 1, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN];

        foreach (bool wide in (bool[])[false, true])
        {
            float[] y = Multiply(x, new Problem<float>(64, 5, 1), null, 2, wide);

            Assert.All(y[..64], static value => Assert.True(float.IsFinite(value)));
            Assert.All(y[64..], static value => Assert.True(float.IsNaN(value)));
        }
    }

    private static void AgreesWithPlainLoops<T>(int numRows, int numOutputs, int numInputs)
        where T : unmanaged
    {
        Problem<T> problem = new(numOutputs, numInputs, seed: numRows);
        float[] x = Random(numRows * numInputs, seed: 1);
        float[] bias = Random(numOutputs, seed: 2);

        foreach (bool wide in (bool[])[false, true])
        {
            float[] y = Multiply(x, problem, bias, numRows, wide);
            float[] withoutBias = Multiply(x, problem, null, numRows, wide);
            for (int row = 0; row < numRows; row++)
            {
                for (int output = 0; output < numOutputs; output++)
                {
                    double expected = Enumerable.Range(0, numInputs).Sum(k => (double)x[(row * numInputs) + k] * problem.Weight(output, k));
                    Assert.Equal(expected, withoutBias[(row * numOutputs) + output], 2e-5);
                    Assert.Equal(expected + bias[output], y[(row * numOutputs) + output], 2e-5);
                }
            }
        }
    }

    private static void IsTheSameBits<T>(int numOutputs, int numInputs)
        where T : unmanaged
    {
        // More than the rows of a block, 252.
        const int numRows = 259;
        Problem<T> problem = new(numOutputs, numInputs, seed: 3);
        float[] x = Random(numRows * numInputs, seed: 2);
        float[] bias = Random(numOutputs, seed: 4);
        float[] together = Multiply(x, problem, bias, numRows, wide: false);

        Assert.Equal(together, Multiply(x, problem, bias, numRows, wide: true));
        foreach (int count in (int[])[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 251, 252, 253])
        {
            float[] expected = together[((numRows - count) * numOutputs)..];
            Assert.Equal(expected, Multiply(x[((numRows - count) * numInputs)..], problem, bias, count, wide: false));
            Assert.Equal(expected, Multiply(x[((numRows - count) * numInputs)..], problem, bias, count, wide: true));
        }
    }

    private static float[] Random(int length, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
    }

    private static float[] Multiply<T>(float[] x, Problem<T> problem, float[]? bias, int numRows, bool wide)
        where T : unmanaged
    {
        float[] y = new float[numRows * problem.NumOutputs];
        fixed (T* weight = problem.Packed)
        fixed (float* input = x, b = bias, output = y)
        {
            PanelGemm<T>.Multiply(input, weight, b, output, numRows, problem.NumOutputs, problem.NumInputs, wide);
        }

        return y;
    }

    private sealed class Problem<T>
        where T : unmanaged
    {
        private readonly T[] _weight;

        public Problem(int numOutputs, int numInputs, int seed)
        {
            NumOutputs = numOutputs;
            NumInputs = numInputs;
            float[] values = Random(numOutputs * numInputs, seed);
            _weight = new T[values.Length];
            Packed = new T[PanelWeight<T>.Length(numOutputs, numInputs)];
            fixed (T* weight = _weight, packed = Packed)
            {
                for (int i = 0; i < values.Length; i++)
                {
                    Element<T>.Store(weight + i, values[i]);
                }

                PanelGemm<T>.Pack(weight, packed, numOutputs, numInputs);
            }
        }

        public int NumOutputs { get; }

        public int NumInputs { get; }

        public T[] Packed { get; }

        public float Weight(int output, int input)
        {
            fixed (T* weight = _weight)
            {
                return Element<T>.Load(weight + (output * NumInputs) + input);
            }
        }
    }
}
