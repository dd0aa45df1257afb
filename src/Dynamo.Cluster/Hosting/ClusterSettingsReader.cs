using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dynamo.Cluster.Security;

namespace Dynamo.Cluster.Hosting;

/// <summary>Reads the environment variables of Dynamo's guide, and finds addresses and ports that are not given.</summary>
public sealed class ClusterSettingsReader
{
    /// <summary>Redis servers, <c>host:port[,host:port…]</c>.</summary>
    public const string RedisVariable = "REDIS_ENDPOINTS";

    /// <summary>NATS server, <c>nats://host:port</c>.</summary>
    public const string NatsVariable = "NATS_SERVER";

    /// <summary>The node that runs Redis and NATS, where the two above do not say otherwise.</summary>
    public const string HeadNodeVariable = "HEAD_NODE_IP";

    /// <summary>What Dynamo uses and we do not.</summary>
    public const string EtcdVariable = "ETCD_ENDPOINTS";

    /// <summary>Name of the cluster.</summary>
    public const string ClusterIdVariable = "DYN_NAMESPACE";

    private const int RedisPort = 6379;
    private const int NatsPort = 4222;
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
        IReadOnlyList<DnsEndPoint> redis = Redis();
        IPAddress own = address is null ? Found(redis) : Given(address);
        return new ClusterSettings
        {
            Redis = redis,
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

    private List<DnsEndPoint> Redis()
    {
        List<DnsEndPoint> endpoints = [];
        if (Text(RedisVariable) is { } list)
        {
            foreach (string entry in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (EndPoint(entry, RedisPort) is { } endpoint)
                {
                    endpoints.Add(endpoint);
                }
                else
                {
                    _faults.Add($"{RedisVariable} must be host:port[,host:port…], has '{entry}'.");
                }
            }
        }
        else if (Text(HeadNodeVariable) is { } head)
        {
            endpoints.Add(new DnsEndPoint(head, RedisPort));
        }
        else if (Text(EtcdVariable) is { } etcd)
        {
            _faults.Add($"{EtcdVariable} is '{etcd}', but this cluster keeps its members in Redis, not etcd. Set {RedisVariable}=host:{RedisPort} (or {HeadNodeVariable}).");
        }
        else
        {
            _faults.Add($"no cluster is named: set {RedisVariable}=host:{RedisPort}, or {HeadNodeVariable} to the node that runs Redis and NATS. For one process alone use 'dynamo serve'.");
        }

        return endpoints;
    }

    private Uri? Nats()
    {
        if (Text(NatsVariable) is { } given)
        {
            if (Uri.TryCreate(given.Contains("://", StringComparison.Ordinal) ? given : $"nats://{given}", UriKind.Absolute, out Uri? uri) && uri.Scheme is "nats" or "tls")
            {
                return uri.IsDefaultPort || uri.Port < 0 ? new UriBuilder(uri) { Port = NatsPort }.Uri : uri;
            }

            _faults.Add($"{NatsVariable} must be nats://host:port, is '{given}'.");
            return null;
        }

        return Text(HeadNodeVariable) is { } head ? new Uri($"nats://{head}:{NatsPort}") : null;
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

    private static DnsEndPoint? EndPoint(string text, int defaultPort)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            return text.Length > 0 ? new DnsEndPoint(text, defaultPort) : null;
        }

        return colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? new DnsEndPoint(text[..colon], port)
            : null;
    }
}
