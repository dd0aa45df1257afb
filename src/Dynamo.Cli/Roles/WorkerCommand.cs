using System.CommandLine;
using Dynamo.Cli.Settings;
using Dynamo.Hosting;
using Dynamo.Torch;

namespace Dynamo.Cli.Roles;

/// <summary><c>dynamo worker</c>: runs a model for the frontends of a cluster.</summary>
internal static class WorkerCommand
{
    public static Command Create()
    {
        EngineFlags engine = new();
        ClusterFlags cluster = new(hasGateway: false);
        SystemFlags system = new();
        Command command = new("worker", "Run a model for a cluster. Several workers of one model share its requests.");
        command.Add(engine.Words);
        command.AddAll(engine.All, cluster.All, system.All);
        command.Add(ConfigFile.CreateFlag());
        command.SetAction((parsed, cancellationToken) => NodeHost.RunAsync(
            new NodeOptions
            {
                System = system.Read(parsed),
                Worker = new DynamoWorkerOptions
                {
                    Worker = engine.Read(parsed),
                    Runners = new TorchModelRunnerFactory(),
                    Telemetry = NodeEnvironment.Telemetry(),
                    Cluster = cluster.Read(parsed),
                },
                InOwnWords = FlagNames.In,
            },
            cancellationToken));
        return command;
    }
}
