using System.Globalization;
using System.Net;
using Dynamo.Cli.Input;

namespace Dynamo.Cli.Roles;

/// <summary>Reads where HTTP is to be served.</summary>
internal static class HttpAddress
{
    /// <summary>Reads a host and a port.</summary>
    /// <param name="host">An IP address or <c>localhost</c>, given by the option <paramref name="hostName"/>.</param>
    /// <param name="hostName">Its option, for errors.</param>
    /// <param name="port">0 to 65535, given by the option <paramref name="portName"/>.</param>
    /// <param name="portName">Its option, for errors.</param>
    /// <exception cref="CommandFault">It is no address or port.</exception>
    public static IPEndPoint Parse(string host, string hostName, string port, string portName)
    {
        if (!IPAddress.TryParse(host == "localhost" ? "127.0.0.1" : host, out IPAddress? address))
        {
            throw new CommandFault($"{hostName} must be an IP address or localhost, is '{host}'.");
        }

        return ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)
            ? new IPEndPoint(address, number)
            : throw new CommandFault($"{portName} must be 0 to 65535, is '{port}'.");
    }
}
