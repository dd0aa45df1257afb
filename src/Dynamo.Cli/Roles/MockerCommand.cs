using System.CommandLine;
using Dynamo.Cli.Settings;
using Dynamo.Hosting;

namespace Dynamo.Cli.Roles;

/// <summary><c>dynamo mocker</c>: a worker, or many in one process, whose model has no weights and whose steps last as long as a simulated GPU's.</summary>
internal static class MockerCommand
{
    public static Command Create()
    {
        MockerFlags flags = new();
        ClusterFlags cluster = new(hasGateway: false);
        SystemFlags system = new();
        Command command = new(
            "mocker",
            "Take part in a cluster as a worker, or many (--num-workers), without weights: the engine's scheduler and KV blocks are real, the steps' duration is simulated, and the text is a hash of every "
                + "token before it, up to max_tokens.");
        command.AddAll(flags.All, cluster.All, system.All);
        command.Add(ConfigFile.CreateFlag());
        command.SetAction((parsed, cancellationToken) => NodeHost.RunAsync(
            new NodeOptions
            {
                System = system.Read(parsed),
                Worker = new DynamoWorkerOptions
                {
                    Worker = flags.ReadWorker(parsed),
                    Runners = flags.ReadRunners(parsed),
                    Telemetry = NodeEnvironment.Telemetry(),
                    Cluster = cluster.Read(parsed),
                },
                InOwnWords = FlagNames.In,
            },
            cancellationToken));
        return command;
    }
}
