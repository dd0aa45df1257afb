using Dynamo.Cli.Input;
using Dynamo.Hosting.Telemetry;

namespace Dynamo.Cli.Roles;

/// <summary>How a process is measured; all of it stands in the environment.</summary>
internal static class TelemetryVariables
{
    /// <summary>Reads and checks what was given.</summary>
    /// <exception cref="CommandFault">Some of it cannot be; the message lists every fault.</exception>
    public static TelemetryOptions Read()
    {
        try
        {
            return TelemetryOptions.FromEnvironment(Environment.GetEnvironmentVariable);
        }
        catch (ArgumentException e)
        {
            throw new CommandFault(e.Message, e);
        }
    }
}
