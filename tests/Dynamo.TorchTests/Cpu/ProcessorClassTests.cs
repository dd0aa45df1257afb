using Dynamo.Torch.Layers;
using Dynamo.Torch.Numerics;
using Xunit;

namespace Dynamo.TorchTests.Cpu;

public sealed class ProcessorClassTests
{
    private const string Haswell = "avx2 fma";
    private const string CascadeLake = Haswell + " avx512f avx512bw avx512vl avx512dq avx512_vnni";
    private const string Genoa = CascadeLake + " avx512_bf16";
    private const string SapphireRapids = Genoa + " amx_bf16 amx_tile";

    [Theory]
    [InlineData("sse4_2", null, "Portable")]
    [InlineData("", null, "Portable")]
    [InlineData(Haswell, null, "Avx2")]
    [InlineData(CascadeLake, null, "Avx512")]
    [InlineData(Genoa, null, "Avx512Bf16")]
    [InlineData(SapphireRapids, null, "Amx")]
    [InlineData(SapphireRapids, "AVX512_CORE_BF16", "Avx512Bf16")]
    [InlineData(Genoa, "avx512_core", "Avx512")]
    [InlineData(Genoa, "AVX2", "Avx2")]
    [InlineData(Genoa, "ALL", "Avx512Bf16")]
    [InlineData(Haswell, "AVX512_CORE", "Avx2")]
    public void OfOneDnn_FlagsAndLimit_IsTheLesser(string flags, string? limit, string expected) =>
        Assert.Equal(expected, ProcessorClass.OfOneDnn(flags.Split(' ').ToHashSet(), limit).ToString());

    [Theory]
    [InlineData(2, 3, true, "avx512_bf16+avx512")]
    [InlineData(2, 2, true, "avx512")]
    [InlineData(1, 3, false, "avx2")]
    [InlineData(1, 3, true, "avx512_bf16+avx2")]
    [InlineData(0, 0, false, "portable")]
    public void Name_EachSide_IsNamedWhereItCounts(int kernels, int oneDnn, bool usesOneDnn, string expected) =>
        Assert.Equal(expected, new ProcessorClass((InstructionSet)kernels, (InstructionSet)oneDnn).Name(usesOneDnn));

    [Theory]
    [InlineData(1, "Panel", "Panel")]
    [InlineData(2, "Panel", "OneDnn")]
    [InlineData(3, "OneDnn", "OneDnn")]
    [InlineData(4, "OneDnn", "OneDnn")]
    public void Paths_AProcessor_TakesOneDnnOnlyWhereItsRowsAreExact(int oneDnn, string bf16, string float32)
    {
        ProcessorClass processor = new(InstructionSet.Avx2, (InstructionSet)oneDnn);

        Assert.Equal(bf16, LinearPaths.OfBf16(processor).ToString());
        Assert.Equal(float32, LinearPaths.OfFloat32(processor).ToString());
    }
}
