using System.CommandLine;
using Dynamo.Cli.Input;
using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Settings;
using Dynamo.Security.Keys;

namespace Dynamo.Cli.Roles;

/// <summary>Where this silo is reached. Where the cluster is stands in the environment, as in Dynamo's guide.</summary>
internal sealed class ClusterFlags
{
    private readonly bool _hasGateway;
    private readonly Option<string?> _host = new("--advertise-host")
    {
        Description = "IP address that other nodes reach this one at; unless given, the address on the route to Redis. "
            + $"Environment: {ClusterSettingsReader.RedisVariable}, {ClusterSettingsReader.NatsVariable}, {ClusterSettingsReader.HeadNodeVariable}.",
    };
    private readonly Option<int> _siloPort = new("--silo-port") { Description = "TCP port for other silos, 1 to 65535; unless given, a free one.", DefaultValueFactory = _ => 0 };
    private readonly Option<int> _gatewayPort = new("--gateway-port")
    {
        Description = "TCP port for .NET programs that use the Orleans client, 1 to 65535; unless given, a free one.",
        DefaultValueFactory = _ => 0,
    };
    private readonly Option<string?> _keyFile = new(ClusterKeyReader.FileFlag)
    {
        Description = $"File with the cluster's secret key, {ClusterKey.Size} bytes as hexadecimal digits or in base64; unless given, the cluster makes one and keeps it in Redis. "
            + $"Environment, with the key itself: {ClusterKeyReader.Variable}.",
    };

    public ClusterFlags(bool hasGateway) => _hasGateway = hasGateway;

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All => _hasGateway ? [_host, _siloPort, _gatewayPort, _keyFile] : [_host, _siloPort, _keyFile];

    /// <summary>Reads flags and environment, and agrees on the key with the cluster.</summary>
    /// <exception cref="CommandFault">Some of it cannot be, and the message lists every fault; or the cluster cannot be joined.</exception>
    public ClusterSettings Read(ParseResult parsed)
    {
        ClusterSettingsReader reader = new(Environment.GetEnvironmentVariable);
        List<string> faults = [];
        int siloPort = Port(_siloPort, parsed, faults);
        int? gatewayPort = _hasGateway ? Port(_gatewayPort, parsed, faults) : null;
        ClusterSettings settings = reader.Read(parsed.GetValue(_host), siloPort, gatewayPort, parsed.GetValue(_keyFile));
        faults.AddRange(reader.Faults);
        if (faults.Count == 0)
        {
            foreach ((string flag, int given) in new[] { (_siloPort.Name, siloPort), (_gatewayPort.Name, gatewayPort ?? 0) })
            {
                if (given != 0 && FixedPorts.FaultOf(flag, settings.Address, given) is { } fault)
                {
                    faults.Add(fault);
                }
            }
        }

        if (faults.Count > 0)
        {
            throw new CommandFault(string.Join(" ", faults));
        }

        try
        {
            return ClusterAdmission.Enter(settings);
        }
        catch (ClusterAdmissionException e)
        {
            throw new CommandFault(e.Message, e);
        }
    }

    private static int Port(Option<int> option, ParseResult parsed, List<string> faults)
    {
        int port = parsed.GetValue(option);
        if (port is < 0 or > ushort.MaxValue)
        {
            faults.Add($"{option.Name} must be 1 to 65535, is {port}.");
            return 0;
        }

        return port;
    }
}
