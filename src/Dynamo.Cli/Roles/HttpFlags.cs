using System.CommandLine;
using System.Net;
using Dynamo.Cli.Input;

namespace Dynamo.Cli.Roles;

/// <summary>Where HTTP is served, under Dynamo's names, and vLLM's. The command line wins over the environment.</summary>
internal sealed class HttpFlags
{
    private const string PortVariable = "DYN_HTTP_PORT";
    private const string HostVariable = "DYN_HTTP_HOST";

    private readonly Option<string> _port = new("--http-port", "--port")
    {
        Description = $"TCP port, 0 to 65535; 0 takes a free one. Environment: {PortVariable}.",
        DefaultValueFactory = _ => "8000",
    };
    private readonly Option<string> _host = new("--http-host", "--host")
    {
        Description = $"Address to listen on: 127.0.0.1, 0.0.0.0 (every interface), an address of this machine, or localhost. Environment: {HostVariable}.",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All => [_port, _host];

    /// <summary>Reads and checks what was given.</summary>
    /// <exception cref="CommandFault">It is no address or port.</exception>
    public IPEndPoint Read(ParseResult parsed) => HttpAddress.Parse(parsed.GetRequiredValue(_host), _host.Name, parsed.GetRequiredValue(_port), _port.Name);
}
