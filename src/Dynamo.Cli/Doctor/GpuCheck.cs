using System.Globalization;
using Dynamo.Diagnostics;
using Dynamo.Torch.Cuda;

namespace Dynamo.Cli.Doctor;

/// <summary>Whether this build and this host's GPUs go together.</summary>
internal static class GpuCheck
{
    private const string Name = "gpu";

    /// <summary>Looks.</summary>
    public static Finding Look()
    {
        int numDevices = Directory.EnumerateFiles("/dev", "nvidia*").Count(static file => int.TryParse(file.AsSpan("/dev/nvidia".Length), CultureInfo.InvariantCulture, out _));
        string devices = numDevices == 0 ? "no NVIDIA device here" : $"{numDevices} NVIDIA device{(numDevices == 1 ? "" : "s")} here";
        return (CudaAvailability.IsCudaBuild, numDevices) switch
        {
            (false, 0) => Finding.Ok(Name, "CPU build", devices),
            (false, _) => Finding.Warn(Name, "CPU build", $"{devices}, which this build does not use", "build with -p:TorchBackend=cuda"),
            _ when CudaAvailability.WhyNot() is { } reason => Finding.Fail(Name, "CUDA build", $"{devices}; {reason}", "install the NVIDIA driver, or use a CPU build"),
            _ => Finding.Ok(Name, "CUDA build", devices),
        };
    }
}
