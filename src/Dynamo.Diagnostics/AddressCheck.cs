using System.Net;
using Dynamo.Cluster.Settings;

namespace Dynamo.Diagnostics;

/// <summary>Whether other nodes can use the address that this one advertises.</summary>
public static class AddressCheck
{
    private const string Name = "address";
    private const string Flag = "give --advertise-host an address of this host that the other nodes reach";

    /// <summary>Looks at an address.</summary>
    /// <param name="settings">Where Redis is, and the address.</param>
    /// <param name="own">Addresses of this host's interfaces that are up, with the interfaces' names.</param>
    public static IEnumerable<Finding> Findings(ClusterSettings settings, IReadOnlyList<(string Interface, IPAddress Address)> own)
    {
        string address = settings.Address.ToString();
        string? found = own.FirstOrDefault(entry => entry.Address.Equals(settings.Address)).Interface;
        if (found is null)
        {
            string all = string.Join(", ", own.Where(static entry => !IPAddress.IsLoopback(entry.Address)).Select(static entry => $"{entry.Address} ({entry.Interface})"));
            yield return Finding.Fail(Name, address, $"is on no interface of this host; it has {(all.Length > 0 ? all : "loopback addresses only")}", Flag);
        }
        else if (IPAddress.IsLoopback(settings.Address) && settings.Redis.Any(static endpoint => !EnvironmentCheck.IsLoopback(endpoint.Host)))
        {
            yield return Finding.Fail(Name, address, "would be advertised to other nodes, which cannot reach it: it is this host's loopback address", Flag);
        }
        else
        {
            yield return Finding.Ok(Name, address, $"is on {found}");
        }
    }
}
