using System.Runtime.Intrinsics.X86;

namespace Dynamo.Torch.Numerics;

/// <summary>The instructions that this process really uses: our own kernels through .NET, oneDNN's through libtorch. Either can be limited.</summary>
/// <param name="Kernels">Of our own kernels; at most <see cref="InstructionSet.Avx512"/>, as .NET has no more.</param>
/// <param name="OneDnn">Of oneDNN's layers.</param>
internal readonly record struct ProcessorClass(InstructionSet Kernels, InstructionSet OneDnn)
{
    /// <summary>This process's.</summary>
    public static ProcessorClass Current { get; } = new(OfKernels(), OfOneDnn(ProcessorFlags(), LimitOfOneDnn()));

    /// <summary>The class's name: one word where both are alike, else both.</summary>
    public string Name(bool usesOneDnn) => !usesOneDnn || OneDnn == Kernels ? NameOf(Kernels) : $"{NameOf(OneDnn)}+{NameOf(Kernels)}";

    /// <summary>What oneDNN uses on a processor.</summary>
    /// <param name="flags">The processor's flags as Linux names them, none where they cannot be read.</param>
    /// <param name="limit">ONEDNN_MAX_CPU_ISA, or null.</param>
    public static InstructionSet OfOneDnn(IReadOnlySet<string> flags, string? limit)
    {
        InstructionSet has = !flags.Contains("avx2") || !flags.Contains("fma") ? InstructionSet.Portable
            : !flags.Contains("avx512bw") || !flags.Contains("avx512vl") || !flags.Contains("avx512dq") ? InstructionSet.Avx2
            : !flags.Contains("avx512_bf16") ? InstructionSet.Avx512
            : !flags.Contains("amx_bf16") ? InstructionSet.Avx512Bf16
            : InstructionSet.Amx;
        InstructionSet most = limit?.ToUpperInvariant() switch
        {
            "SSE41" or "AVX" => InstructionSet.Portable,
            "AVX2" or "AVX2_VNNI" or "AVX2_VNNI_2" => InstructionSet.Avx2,
            "AVX512_CORE" or "AVX512_CORE_VNNI" => InstructionSet.Avx512,
            "AVX512_CORE_BF16" or "AVX512_CORE_FP16" => InstructionSet.Avx512Bf16,
            _ => InstructionSet.Amx,
        };
        return has < most ? has : most;
    }

    private static string NameOf(InstructionSet set) => set switch
    {
        InstructionSet.Amx => "amx",
        InstructionSet.Avx512Bf16 => "avx512_bf16",
        InstructionSet.Avx512 => "avx512",
        InstructionSet.Avx2 => "avx2",
        _ => "portable",
    };

    private static InstructionSet OfKernels() =>
        Avx512BW.IsSupported ? InstructionSet.Avx512 : Avx2.IsSupported && Fma.IsSupported ? InstructionSet.Avx2 : InstructionSet.Portable;

    private static string? LimitOfOneDnn() =>
        Environment.GetEnvironmentVariable("ONEDNN_MAX_CPU_ISA") ?? Environment.GetEnvironmentVariable("DNNL_MAX_CPU_ISA");

    // Linux lists only what its kernel lets programs use; .NET's own switches do not show here, as oneDNN does not know them.
    private static HashSet<string> ProcessorFlags()
    {
        const string file = "/proc/cpuinfo";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(static line => line.StartsWith("flags", StringComparison.Ordinal)) : null;
        return line is null ? [] : [.. line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)];
    }
}
