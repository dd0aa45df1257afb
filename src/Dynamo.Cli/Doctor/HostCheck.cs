using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dynamo.Diagnostics;

namespace Dynamo.Cli.Doctor;

/// <summary>This host alone: memory, cores, ports, GPUs, the model folder.</summary>
internal static class HostCheck
{
    private const long LittleMemory = 2L << 30;

    /// <summary>Looks.</summary>
    public static IEnumerable<Finding> Findings(DoctorOptions options)
    {
        long available = HostMemory.AvailableBytes();
        yield return available >= LittleMemory
            ? Finding.Ok("memory", "host", $"{Size(available)} available")
            : Finding.Warn(
                "memory",
                "host",
                $"only {Size(available)} available",
                "a worker needs its weights and KV blocks beside it; end other processes or give a small --num-gpu-blocks-override");

        yield return CoreCheck.Look();
        foreach ((string flag, int port) in options.Ports)
        {
            yield return Port(flag, port);
        }

        yield return GpuCheck.Look();
        if (options.ModelPath is { } path)
        {
            foreach (Finding finding in ModelFolderCheck.Findings(path, available))
            {
                yield return finding;
            }
        }
    }

    /// <summary>"12.3 GiB" or "45 MiB".</summary>
    internal static string Size(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{(bytes >= 1L << 30 ? $"{bytes / (double)(1L << 30):0.0} GiB" : $"{bytes / (double)(1L << 20):0} MiB")}");

    private static Finding Port(string flag, int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return Finding.Ok("port", $"{flag} {port}", "is free");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return Finding.Fail(
                "port",
                $"{flag} {port}",
                $"is taken by {PortOwner.Find(port) ?? "a process of another user"}",
                "give another port, or leave the flag out where a free one is chosen");
        }
        catch (SocketException e)
        {
            return Finding.Fail("port", $"{flag} {port}", $"cannot be used: {e.Message}", "give a port above 1023");
        }
    }
}
