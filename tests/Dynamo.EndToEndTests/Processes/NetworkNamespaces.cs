using System.Diagnostics;
using System.Globalization;

namespace Dynamo.EndToEndTests.Processes;

/// <summary>
/// Machines of a test: network namespaces with addresses of their own on one bridge, which this machine is on too. A link between two of them
/// can be cut while both still reach everybody else: packets go to a hardware address that nobody has, so each side sees silence, not an error.
/// Needs CAP_NET_ADMIN and CAP_SYS_ADMIN.
/// </summary>
internal sealed class NetworkNamespaces : IDisposable
{
    private const int FirstAddress = 10;

    // Each can move four times.
    private const int MaxMachines = 48;
    private const string NobodysAddress = "02:00:00:00:00:99";

    private static readonly Lazy<string?> Obstacle = new(FindObstacle);

    private readonly string _prefix = $"dyn{Environment.ProcessId.ToString("x", CultureInfo.InvariantCulture)}";
    private readonly string _subnet;
    private readonly List<string> _names = [];
    private bool _hasBridge;

    /// <summary>Makes the bridge.</summary>
    public NetworkNamespaces()
    {
        _subnet = FreeSubnet();
        try
        {
            Ip("link", "add", _prefix, "type", "bridge");
            _hasBridge = true;
            Ip("addr", "add", $"{_subnet}.1/24", "dev", _prefix);
            Ip("link", "set", _prefix, "up");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there can be none here, or <see langword="null"/>.</summary>
    public static string? WhyNot => Obstacle.Value;

    /// <summary>Adds a machine.</summary>
    /// <returns>Name of its namespace and its address.</returns>
    public (string Name, string Address) Add()
    {
        int number = _names.Count;
        string name = $"{_prefix}-{number}";
        string link = $"{_prefix}v{number}";
        string address = $"{_subnet}.{number + FirstAddress}";
        Ip("netns", "add", name);
        _names.Add(name);
        Ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name);
        Ip("link", "set", link, "master", _prefix, "up");
        Ip("-n", name, "addr", "add", $"{address}/24", "dev", "eth0");
        Ip("-n", name, "link", "set", "eth0", "up");
        Ip("-n", name, "link", "set", "lo", "up");
        return (name, address);
    }

    /// <summary>Gives a machine on which nothing runs another address; nobody has the one before any more.</summary>
    /// <returns>The new address.</returns>
    public string Move(string address)
    {
        int last = address.LastIndexOf('.') + 1;
        string moved = $"{address[..last]}{int.Parse(address.AsSpan(last), CultureInfo.InvariantCulture) + MaxMachines}";
        Ip("-n", NameOf(address), "addr", "del", $"{address}/24", "dev", "eth0");
        Ip("-n", NameOf(address), "addr", "add", $"{moved}/24", "dev", "eth0");
        return moved;
    }

    /// <summary>Cuts the link between two machines in both directions.</summary>
    public void Cut(string firstAddress, string secondAddress)
    {
        Ip("-n", NameOf(firstAddress), "neigh", "replace", secondAddress, "lladdr", NobodysAddress, "nud", "permanent", "dev", "eth0");
        Ip("-n", NameOf(secondAddress), "neigh", "replace", firstAddress, "lladdr", NobodysAddress, "nud", "permanent", "dev", "eth0");
    }

    /// <summary>Mends a link that was cut.</summary>
    public void Mend(string firstAddress, string secondAddress)
    {
        Ip("-n", NameOf(firstAddress), "neigh", "del", secondAddress, "dev", "eth0");
        Ip("-n", NameOf(secondAddress), "neigh", "del", firstAddress, "dev", "eth0");
    }

    /// <summary>Removes them all; the processes in them must be gone.</summary>
    public void Dispose()
    {
        foreach (string name in _names)
        {
            Ip("netns", "del", name);
        }

        _names.Clear();
        if (_hasBridge)
        {
            _hasBridge = false;
            Ip("link", "del", _prefix);
        }
    }

    private string NameOf(string address) => _names[(int.Parse(address.AsSpan(address.LastIndexOf('.') + 1), CultureInfo.InvariantCulture) - FirstAddress) % MaxMachines];

    private static string FreeSubnet()
    {
        string taken = Ip("-4", "route", "show");
        for (int i = 0; i < 200; i++)
        {
            string subnet = $"10.213.{(Environment.ProcessId + i) % 250}";
            if (!taken.Contains(subnet + ".", StringComparison.Ordinal))
            {
                return subnet;
            }
        }

        throw new InvalidOperationException("No subnet of 10.213.0.0/16 is free.");
    }

    private static string? FindObstacle()
    {
        try
        {
            using NetworkNamespaces probe = new();
            probe.Add();
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"needs network namespaces (CAP_NET_ADMIN, CAP_SYS_ADMIN and iproute2): {e.Message}";
        }
    }

    private static string Ip(params string[] arguments)
    {
        ProcessStartInfo start = new("ip", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"'ip {string.Join(' ', arguments)}' failed: {error.GetAwaiter().GetResult().Trim()}");
    }
}
