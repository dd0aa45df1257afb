using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Layers;

/// <summary>Who computes linear layers.</summary>
internal enum LinearPath
{
    /// <summary>Our own kernel, <see cref="PanelLinear{T}"/>.</summary>
    Panel = 0,

    /// <summary>oneDNN, <see cref="PackedLinear{T}"/>.</summary>
    OneDnn = 1,
}

/// <summary>Which path a processor takes, as measured (docs/architecture.md): oneDNN where its rows are exact and it is faster, else our own.</summary>
internal static class LinearPaths
{
    /// <summary>
    /// For weights in bfloat16 oneDNN where the processor multiplies bfloat16: elsewhere it emulates that, at a third of float32's speed, and
    /// rounds a single row in another way than several.
    /// </summary>
    public static LinearPath OfBf16(ProcessorClass processor) => processor.OneDnn >= InstructionSet.Avx512Bf16 ? LinearPath.OneDnn : LinearPath.Panel;

    /// <summary>
    /// For weights in float32 oneDNN with AVX-512. Without it libtorch gives the work to MKL, whose rows depend on how many there are.
    /// </summary>
    public static LinearPath OfFloat32(ProcessorClass processor) => processor.OneDnn >= InstructionSet.Avx512 ? LinearPath.OneDnn : LinearPath.Panel;

    /// <summary>The path's name in the numerics class.</summary>
    public static string Name(this LinearPath path) => path == LinearPath.OneDnn ? "onednn" : "panel";
}
