using Dynamo.Torch.Layers;
using Dynamo.Torch.Native;
using Dynamo.Torch.Weights;
using Dynamo.TorchTests.Weights;
using Xunit;

namespace Dynamo.TorchTests.Layers;

public sealed unsafe class PackedLinearTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PackedLinearTests() => TorchLibrary.EnsureLoaded();

    public static TheoryData<int, int> Shapes
    {
        get
        {
            TheoryData<int, int> shapes = [];
            foreach (int numOutputs in (int[])[1, 48, 64, 65, 72, 96, 131, 500])
            {
                shapes.Add(numOutputs, 2);
                shapes.Add(numOutputs, 70);
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_UnitRows_GiveEachWeightPlusItsBias(int numOutputs, int numInputs)
    {
        float[] weight = [.. Enumerable.Range(1, numOutputs * numInputs)];
        float[] bias = [.. Enumerable.Range(0, numOutputs).Select(static i => i / 4f)];
        using PackedLinear<float> linear = Pack(weight, bias);

        float[] output = Forward(linear, [.. Enumerable.Range(0, numInputs * numInputs).Select(i => i / numInputs == i % numInputs ? 1f : 0f)]);

        Assert.Equal(numOutputs, linear.NumOutputs);
        for (int input = 0; input < numInputs; input++)
        {
            float[] expected = [.. Enumerable.Range(0, numOutputs).Select(i => weight[(i * numInputs) + input] + bias[i])];
            Assert.Equal(expected, output[(input * numOutputs)..((input + 1) * numOutputs)]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(95)]
    public void PackingCheck_OneWeightLost_ThrowsAndTellsWhere(int output)
    {
        const int numInputs = 256;
        Random random = new(3);
        float[] weight = [.. Enumerable.Range(0, 96 * numInputs).Select(_ => random.NextSingle() - 0.5f)];
        float[] packed = [.. weight];
        packed[(output * numInputs) + 17] = 0;
        using PackedLinear<float> linear = Pack(packed, new float[96]);

        fixed (float* right = packed, wrong = weight)
        {
            PackingCheck.Run(linear, right);
            PlatformNotSupportedException e = Assert.Throws<PlatformNotSupportedException>(Check(linear, (nint)wrong));
            Assert.Contains($"[96, 256] in float32 wrongly on this processor, from output {output & ~63} on", e.Message, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static Action Check(PackedLinear<float> linear, nint weight) => () => PackingCheck.Run(linear, (float*)weight);

    private PackedLinear<float> Pack(float[] weight, float[] bias)
    {
        int numOutputs = bias.Length;
        byte[] bytes = new SafetensorsWriter().Add<float>("weight", "F32", [numOutputs, weight.Length / numOutputs], weight).Add<float>("bias", "F32", [numOutputs], bias).ToArray();
        _folder.Write("layer.safetensors", bytes);
        using SafetensorsFile file = SafetensorsFile.Open(_folder.Model, "layer.safetensors");
        return new PackedLinear<float>([file.Get("weight")], [file.Get("bias")]);
    }

    private static float[] Forward(PackedLinear<float> linear, float[] input)
    {
        int numRows = input.Length / linear.NumInputs;
        fixed (float* x = input)
        {
            LinearResult<float> result = linear.Forward(x, numRows);
            float[] output = new Span<float>(result.Data, numRows * linear.NumOutputs).ToArray();
            result.Dispose();
            return output;
        }
    }
}
