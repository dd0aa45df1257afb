using Dynamo.Torch.Kernels;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;
using Xunit;

namespace Dynamo.TorchTests.Kernels;

public sealed unsafe class PanelGemmTests
{
    public PanelGemmTests() => TorchLibrary.EnsureLoaded();

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 64, 2)]
    [InlineData(4, 65, 31)]
    [InlineData(7, 130, 53)]
    [InlineData(9, 17, 96)]
    public void Multiply_AnyShape_AgreesWithPlainLoops(int numRows, int numOutputs, int numInputs)
    {
        Random random = new(numRows);
        float[] x = [.. Enumerable.Range(0, numRows * numInputs).Select(_ => random.NextSingle() - 0.5f)];
        Bf16[] weight = [.. Enumerable.Range(0, numOutputs * numInputs).Select(_ => (Bf16)(random.NextSingle() - 0.5f))];
        float[] bias = [.. Enumerable.Range(0, numOutputs).Select(_ => random.NextSingle())];

        float[] y = Multiply(x, weight, bias, numRows, numOutputs, numInputs);
        float[] withoutBias = Multiply(x, weight, null, numRows, numOutputs, numInputs);

        for (int row = 0; row < numRows; row++)
        {
            for (int output = 0; output < numOutputs; output++)
            {
                double expected = Enumerable.Range(0, numInputs).Sum(k => (double)x[(row * numInputs) + k] * (float)weight[(output * numInputs) + k]);
                Assert.Equal(expected, withoutBias[(row * numOutputs) + output], 1e-5);
                Assert.Equal(expected + bias[output], y[(row * numOutputs) + output], 1e-5);
            }
        }
    }

    [Fact]
    public void Multiply_ARowAloneOrAmongOthers_IsTheSameBits()
    {
        const int numRows = 11;
        const int size = 70;
        Random random = new(2);
        float[] x = [.. Enumerable.Range(0, numRows * size).Select(_ => random.NextSingle() - 0.5f)];
        Bf16[] weight = [.. Enumerable.Range(0, size * size).Select(_ => (Bf16)(random.NextSingle() - 0.5f))];

        float[] together = Multiply(x, weight, null, numRows, size, size);

        for (int row = 0; row < numRows; row++)
        {
            Assert.Equal(together[(row * size)..((row + 1) * size)], Multiply(x[(row * size)..((row + 1) * size)], weight, null, 1, size, size));
        }
    }

    private static float[] Multiply(float[] x, Bf16[] weight, float[]? bias, int numRows, int numOutputs, int numInputs)
    {
        Bf16[] packed = new Bf16[PanelWeight<Bf16>.Length(numOutputs, numInputs)];
        float[] y = new float[numRows * numOutputs];
        fixed (Bf16* w = weight, p = packed)
        fixed (float* input = x, b = bias, output = y)
        {
            PanelGemm<Bf16>.Pack(w, p, numOutputs, numInputs);
            PanelGemm<Bf16>.Multiply(input, p, b, output, numRows, numOutputs, numInputs);
        }

        return y;
    }
}
