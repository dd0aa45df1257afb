namespace Dynamo.Torch.Numerics;

/// <summary>What kernels choose their code by, as far as it changes their rounding. Ascending: each has those before it.</summary>
internal enum InstructionSet
{
    /// <summary>Less than AVX2 with fused multiply-adds: everything works, slowly.</summary>
    Portable = 0,

    /// <summary>256-bit vectors and fused multiply-adds: Haswell, Zen 1 to Zen 3 and newer.</summary>
    Avx2 = 1,

    /// <summary>512-bit vectors: Skylake, Cascade Lake and Ice Lake servers and newer.</summary>
    Avx512 = 2,

    /// <summary>Dot products of bfloat16 as well: Cooper Lake, Zen 4 and newer.</summary>
    Avx512Bf16 = 3,

    /// <summary>Tiles of bfloat16 as well: Sapphire Rapids and newer.</summary>
    Amx = 4,
}
