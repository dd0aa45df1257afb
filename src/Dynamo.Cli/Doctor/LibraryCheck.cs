using System.Globalization;
using System.Runtime.InteropServices;
using Dynamo.Diagnostics;
using TorchSharp;

namespace Dynamo.Cli.Doctor;

/// <summary>Whether the native libraries of a worker can be loaded here.</summary>
internal static class LibraryCheck
{
    private const string Name = "library";
    private const string Advice = "run deploy/prerequisites.sh";

    // libstdc++.so.6.0.32 is GCC 13's, the first with GLIBCXX_3.4.32, which TorchSharp's library needs.
    private const int NeededRevision = 32;

    // Loading libtorch reads some 500 MB where they are not cached.
    private const int LoadingFactor = 5;

    /// <summary>Looks, on a thread that is left behind if loading hangs.</summary>
    /// <param name="timeout">Loading may take five times as long.</param>
    /// <param name="time">Clock of the limit.</param>
    public static async Task<Finding[]> FindingsAsync(TimeSpan timeout, TimeProvider time)
    {
        try
        {
            return [StandardLibrary(), await Task.Run(Torch).WaitAsync(LoadingFactor * timeout, time)];
        }
        catch (TimeoutException)
        {
            Finding slow = Finding.Warn(
                Name,
                "libtorch",
                $"was not loaded within {LoadingFactor * timeout.TotalSeconds:0} s",
                "look again with a longer --timeout; a slow disk may be all");
            return [StandardLibrary(), slow];
        }
    }

    private static Finding StandardLibrary()
    {
        const string file = "libstdc++.so.6";
        if (!NativeLibrary.TryLoad(file, out _))
        {
            return Finding.Fail(Name, file, "is not on this host", Advice);
        }

        string path = File.ReadLines("/proc/self/maps").First(static line => line.Contains("/libstdc++.so.6", StringComparison.Ordinal));
        path = path[path.IndexOf('/')..];
        string version = Path.GetFileName(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        bool isKnown = int.TryParse(version.AsSpan(version.LastIndexOf('.') + 1), CultureInfo.InvariantCulture, out int revision) && version.Length > file.Length;
        return isKnown && revision < NeededRevision
            ? Finding.Fail(Name, file, $"is {version}; libtorch's companion needs {file}.0.{NeededRevision} (GCC 13) or newer", Advice)
            : Finding.Ok(Name, file, $"is {version}");
    }

    private static Finding Torch()
    {
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            return Finding.Ok(Name, "libtorch", $"{torch.__version__} loads");
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException)
        {
            return Finding.Fail(Name, "libtorch", $"cannot be loaded: {e.GetBaseException().Message.ReplaceLineEndings(" ")}", Advice);
        }
    }
}
