using System.Runtime.InteropServices;
using TorchSharp;

namespace Dynamo.Torch.Native;

/// <summary>
/// The libtorch that TorchSharp has loaded, for calls into its C interface. Loading a second copy by name would bring a second dispatcher,
/// so the file already mapped into the process is used.
/// </summary>
internal static class TorchLibrary
{
    /// <summary>Name that imports of this assembly use.</summary>
    public const string Name = "torch_cpu";

    private static readonly Lock LoadLock = new();
    private static bool _isLoaded;

    /// <summary>Loads libtorch once; thread-safe. Call before the first import.</summary>
    /// <exception cref="PlatformNotSupportedException">It cannot be loaded here; the message says what to install.</exception>
    public static void EnsureLoaded()
    {
        lock (LoadLock)
        {
            if (_isLoaded)
            {
                return;
            }

            SpinLimit.Set();
            try
            {
                torch.InitializeDeviceType(DeviceType.CPU);
            }
            catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException)
            {
                throw new PlatformNotSupportedException(
                    "libtorch cannot be loaded. It needs libstdc++ of GCC 13 or newer (GLIBCXX_3.4.32): run deploy/prerequisites.sh.", e);
            }

            nint handle = NativeLibrary.Load(MappedPath());
            NativeLibrary.SetDllImportResolver(typeof(TorchLibrary).Assembly, (name, _, _) => name == Name ? handle : 0);
            _isLoaded = true;
        }
    }

    private static string MappedPath()
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            if (line.EndsWith("/libtorch_cpu.so", StringComparison.Ordinal))
            {
                return line[line.IndexOf('/')..];
            }
        }

        throw new PlatformNotSupportedException("TorchSharp is loaded but libtorch_cpu.so is not among the files mapped into this process.");
    }
}
