using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Dynamo.Torch.Cuda;

/// <summary>Whether this build and this machine can compute on CUDA.</summary>
public static class CudaAvailability
{
    private const string BackendMetadata = "TorchBackend";

    /// <summary>Whether the build was made with <c>-p:TorchBackend=cuda</c>.</summary>
    public static bool IsCudaBuild { get; } = typeof(CudaAvailability).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Any(static attribute => attribute is { Key: BackendMetadata, Value: "cuda" });

    /// <summary>Why CUDA cannot be used, in one line with what to do, or <see langword="null"/> when it can.</summary>
    public static string? WhyNot() => WhyNot(IsCudaBuild, ProbeDevices);

    /// <summary>The same with the two facts injected.</summary>
    /// <param name="isCudaBuild">Whether the build has libtorch for CUDA.</param>
    /// <param name="probeDevices">Counts devices; may throw what loading native libraries throws.</param>
    internal static string? WhyNot(bool isCudaBuild, Func<int> probeDevices)
    {
        if (!isCudaBuild)
        {
            return "this build has libtorch for CPU only; build with -p:TorchBackend=cuda to compute on CUDA";
        }

        try
        {
            return probeDevices() > 0 ? null : "libtorch sees no CUDA device; check that nvidia-smi lists one and that CUDA_VISIBLE_DEVICES does not hide it";
        }
        catch (Exception e) when (e is DllNotFoundException or NotSupportedException or TypeInitializationException or ExternalException)
        {
            string cause = (e.InnerException ?? e).Message.ReplaceLineEndings(" ");
            return $"libtorch for CUDA cannot be loaded; check the driver and that the build's native libraries are complete ({cause})";
        }
    }

    private static int ProbeDevices() => torch.cuda.is_available() ? torch.cuda.device_count() : 0;
}
