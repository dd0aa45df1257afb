using System.CommandLine;
using System.Globalization;
using Dynamo.Cli.Input;
using Dynamo.Cluster.Settings;
using Dynamo.Security.Keys;

namespace Dynamo.Cli.Doctor;

/// <summary>The flags of <c>dynamo doctor</c>: those of the process whose start is to be checked, and how to look.</summary>
internal sealed class DoctorFlags
{
    private readonly Option<string?> _host = new("--advertise-host")
    {
        Description = "IP address that this node would advertise; unless given, the address on the route to Redis. "
            + $"Environment: {ClusterSettingsReader.RedisVariable}, {ClusterSettingsReader.NatsVariable}, {ClusterSettingsReader.HeadNodeVariable}, {ClusterSettingsReader.ClusterIdVariable}.",
    };
    private readonly Option<string?> _keyFile = new(ClusterKeyReader.FileFlag) { Description = $"File with the cluster's key, where it was started with one. Environment, with the key itself: {ClusterKeyReader.Variable}." };
    private readonly Option<string?> _model = new("--model") { Description = "Model folder to check." };
    private readonly Option<int?> _httpPort = new("--http-port") { Description = "TCP port that a frontend is to use here, 1 to 65535: is it free?" };
    private readonly Option<int?> _siloPort = new("--silo-port") { Description = "TCP port that a silo is to use here, 1 to 65535: is it free?" };
    private readonly Option<int?> _gatewayPort = new("--gateway-port") { Description = "TCP port that a gateway is to use here, 1 to 65535: is it free?" };
    private readonly Option<double> _timeout = new("--timeout") { Description = "Seconds that each answer may take, 0.1 to 60.", DefaultValueFactory = _ => 2 };
    private readonly Option<bool> _json = new("--json") { Description = "Print the findings as one JSON document." };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _host, _keyFile, _model, _httpPort, _siloPort, _gatewayPort, _timeout, _json })
        {
            command.Add(option);
        }
    }

    /// <summary>Reads and checks what was given.</summary>
    /// <exception cref="CommandFault">Some of it cannot be; the message lists every fault.</exception>
    public DoctorOptions Read(ParseResult parsed)
    {
        List<string> faults = [];
        List<(string, int)> ports = [];
        foreach (Option<int?> option in new[] { _httpPort, _siloPort, _gatewayPort })
        {
            if (parsed.GetValue(option) is { } port)
            {
                ports.Add((option.Name, port));
                if (port is < 1 or > ushort.MaxValue)
                {
                    faults.Add($"{option.Name} must be 1 to 65535, is {port}.");
                }
            }
        }

        double timeout = parsed.GetValue(_timeout);
        if (!(timeout >= 0.1 && timeout <= 60))
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{_timeout.Name} must be 0.1 to 60 seconds, is {timeout}."));
        }

        return faults.Count > 0 ? throw new CommandFault(string.Join(" ", faults)) : new DoctorOptions
        {
            AdvertiseHost = parsed.GetValue(_host),
            KeyFile = parsed.GetValue(_keyFile),
            ModelPath = parsed.GetValue(_model),
            Ports = ports,
            Timeout = TimeSpan.FromSeconds(timeout),
            IsJson = parsed.GetValue(_json),
        };
    }
}
