using System.Net;
using System.Net.Sockets;
using Dynamo.Security.Keys;

namespace Dynamo.Cluster.Settings;

/// <summary>Reads the environment variables of Dynamo's guide, and finds addresses and ports that are not given.</summary>
public sealed class ClusterSettingsReader
{
    /// <summary>Redis servers, <c>host:port[,host:port…]</c>, or as <see cref="RedisAddressReader"/> has it.</summary>
    public const string RedisVariable = "REDIS_ENDPOINTS";

    /// <summary>NATS servers, <c>nats://host:port</c>, or as <see cref="NatsAddressReader"/> has it.</summary>
    public const string NatsVariable = "NATS_SERVER";

    /// <summary>The node that runs Redis and NATS, where the two above do not say otherwise.</summary>
    public const string HeadNodeVariable = "HEAD_NODE_IP";

    /// <summary>What Dynamo uses and we do not.</summary>
    public const string EtcdVariable = "ETCD_ENDPOINTS";

    /// <summary>Name of the cluster.</summary>
    public const string ClusterIdVariable = "DYN_NAMESPACE";

    private const int RedisPort = 6379;
    private const string DefaultClusterId = "dynamo";

    private readonly Func<string, string?> _environment;
    private readonly List<string> _faults = [];

    /// <summary>Creates a reader.</summary>
    /// <param name="environment">Value of a variable, or <see langword="null"/>.</param>
    public ClusterSettingsReader(Func<string, string?> environment) => _environment = environment;

    /// <summary>What was wrong with the values read so far; each names the variable or flag, the value and what is allowed.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Reads all settings; when there are <see cref="Faults"/>, the result must not be used.</summary>
    /// <param name="address">Address of this silo as given by a flag, or <see langword="null"/> to find it.</param>
    /// <param name="siloPort">Port as given, or 0 to find a free one.</param>
    /// <param name="gatewayPort">Port for Orleans clients as given, 0 to find a free one, or <see langword="null"/> for no gateway.</param>
    /// <param name="keyFile">File that holds the cluster key, or <see langword="null"/>.</param>
    public ClusterSettings Read(string? address, int siloPort, int? gatewayPort, string? keyFile = null)
    {
        (IReadOnlyList<DnsEndPoint> redis, RedisAccess access) = Redis();
        IPAddress own = address is null ? Found(redis) : Given(address);
        return new ClusterSettings
        {
            Redis = redis,
            RedisAccess = access,
            Nats = Nats(),
            Address = own,
            SiloPort = Port(siloPort, own),
            GatewayPort = gatewayPort is { } port ? Port(port, own) : 0,
            ClusterId = Text(ClusterIdVariable) ?? DefaultClusterId,
            Key = ClusterKeyReader.Read(keyFile, _environment, _faults),
        };
    }

    private int Port(int given, IPAddress own)
    {
        if (given != 0)
        {
            return given;
        }

        try
        {
            return FreePort.On(own);
        }
        catch (SocketException e)
        {
            _faults.Add($"--advertise-host {own} is no address of this machine ({e.Message}); give one that other nodes reach it at.");
            return 0;
        }
    }

    private string? Text(string variable) => _environment(variable) is { Length: > 0 } value ? value : null;

    private (IReadOnlyList<DnsEndPoint> Servers, RedisAccess Access) Redis()
    {
        RedisAddressReader reader = new(_environment, _faults);
        if (Text(RedisVariable) is { } list)
        {
            return reader.Read(list, RedisVariable);
        }

        if (Text(HeadNodeVariable) is { } head)
        {
            return reader.Read(head, HeadNodeVariable);
        }

        _faults.Add(Text(EtcdVariable) is { } etcd
            ? $"{EtcdVariable} is '{etcd}', but this cluster keeps its members in Redis, not etcd. Set {RedisVariable}=host:{RedisPort} (or {HeadNodeVariable})."
            : $"no cluster is named: set {RedisVariable}=host:{RedisPort}, or {HeadNodeVariable} to the node that runs Redis and NATS. For one process alone use 'dynamo serve'.");
        return ([], RedisAccess.Open);
    }

    private NatsAccess? Nats()
    {
        NatsAddressReader reader = new(_environment, _faults);
        return Text(NatsVariable) is { } given ? reader.Read(given, NatsVariable)
            : Text(HeadNodeVariable) is { } head ? reader.Read(head, HeadNodeVariable)
            : null;
    }

    private IPAddress Given(string address)
    {
        if (IPAddress.TryParse(address, out IPAddress? parsed) && !parsed.Equals(IPAddress.Any) && !parsed.Equals(IPAddress.IPv6Any))
        {
            return parsed;
        }

        _faults.Add($"--advertise-host must be an IP address that other nodes reach this one at, is '{address}'.");
        return IPAddress.Loopback;
    }

    // The address on the route to Redis: every silo must reach Redis, so silos can reach each other there. Nothing is sent.
    private IPAddress Found(IReadOnlyList<DnsEndPoint> redis)
    {
        foreach (DnsEndPoint endpoint in redis)
        {
            try
            {
                foreach (IPAddress target in Dns.GetHostAddresses(endpoint.Host, AddressFamily.InterNetwork))
                {
                    using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                    socket.Connect(target, endpoint.Port);
                    return ((IPEndPoint)socket.LocalEndPoint!).Address;
                }
            }
            catch (SocketException e)
            {
                _faults.Add($"Redis at {endpoint.Host}:{endpoint.Port} cannot be resolved or has no route ({e.Message}); check {RedisVariable} or {HeadNodeVariable}.");
            }
        }

        return IPAddress.Loopback;
    }
}
