using System.CommandLine;

namespace Dynamo.Cli.Serve;

/// <summary><c>dynamo serve</c>: frontend and worker in one process.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        EngineFlags engine = new();
        HttpFlags http = new();
        Command command = new("serve", "Serve a model over HTTP from this process: frontend and worker in one silo on localhost, without Redis or NATS.");
        foreach (Option option in engine.All.Concat(http.All))
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => ServeHost.RunAsync(engine.Read(parsed), http.Read(parsed), cancellationToken));
        return command;
    }
}
