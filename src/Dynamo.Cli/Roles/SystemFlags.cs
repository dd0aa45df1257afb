using System.CommandLine;
using System.Net;
using Dynamo.Cli.Input;

namespace Dynamo.Cli.Roles;

/// <summary>Where a process without a frontend tells how it is, under Dynamo's names. The command line wins over the environment.</summary>
internal sealed class SystemFlags
{
    private const string PortVariable = "DYN_SYSTEM_PORT";
    private const string HostVariable = "DYN_SYSTEM_HOST";
    private const string None = "-1";

    private readonly Option<string> _port = new("--system-port")
    {
        Description = $"TCP port for /live, /health and /metrics, 0 to 65535; 0 takes a free one, {None} serves none. Environment: {PortVariable}.",
        DefaultValueFactory = _ => None,
    };
    private readonly Option<string> _host = new("--system-host")
    {
        Description = $"Address for it: 127.0.0.1, 0.0.0.0 (every interface), an address of this machine, or localhost. Environment: {HostVariable}.",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All => [_port, _host];

    /// <summary>Reads and checks what was given.</summary>
    /// <returns><see langword="null"/> when nothing is to be served.</returns>
    /// <exception cref="CommandFault">It is no address or port.</exception>
    public IPEndPoint? Read(ParseResult parsed)
    {
        string port = parsed.GetRequiredValue(_port);
        return port == None ? null : HttpAddress.Parse(parsed.GetRequiredValue(_host), _host.Name, port, _port.Name);
    }
}
