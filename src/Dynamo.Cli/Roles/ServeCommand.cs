using System.CommandLine;
using Dynamo.Cli.Routing;
using Dynamo.Cli.Settings;
using Dynamo.Hosting;
using Dynamo.Torch;
using Dynamo.Worker.Engines;

namespace Dynamo.Cli.Roles;

/// <summary><c>dynamo serve</c>: frontend and worker in one process.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        EngineFlags engine = new();
        HttpFlags http = new();
        RequestFlags requests = new();
        AccessFlags access = new(Environment.GetEnvironmentVariable);
        MigrationFlags migration = new();
        LiveRouterFlags router = new();
        Command command = new("serve", "Serve a model over HTTP from this process: frontend and worker in one silo on localhost, without Redis or NATS.");
        command.Add(engine.Words);
        command.AddAll(engine.All, http.All, requests.All, access.All, router.All, migration.All);
        command.Add(ConfigFile.CreateFlag());
        command.SetAction((parsed, cancellationToken) =>
        {
            WorkerOptions worker = engine.Read(parsed);
            return NodeHost.RunAsync(
                new NodeOptions
                {
                    Http = http.Read(parsed),
                    Frontend = new DynamoFrontendOptions
                    {
                        Frontend = requests.Apply(parsed, access.Read(parsed)),
                        Router = router.Read(parsed),
                        Migration = migration.Read(parsed),
                        Telemetry = NodeEnvironment.Telemetry(),

                        // What runs here runs on this worker.
                        ShutdownTimeout = worker.DrainGrace,
                    },
                    Worker = new DynamoWorkerOptions { Worker = worker, Runners = new TorchModelRunnerFactory() },
                    InOwnWords = FlagNames.In,
                },
                cancellationToken);
        });
        return command;
    }
}
