using Dynamo.Hosting.Telemetry;

namespace Dynamo.Hosting;

/// <summary>What a process reads in its environment alone.</summary>
public static class NodeEnvironment
{
    /// <summary>How it is measured.</summary>
    /// <exception cref="NodeStartException">Some variables cannot be read; the message names all of them.</exception>
    public static TelemetryOptions Telemetry()
    {
        try
        {
            return TelemetryOptions.FromEnvironment(Environment.GetEnvironmentVariable);
        }
        catch (ArgumentException e)
        {
            throw new NodeStartException(e.Message, e);
        }
    }
}
