using System.CommandLine;
using Dynamo.Cli.Routing;
using Dynamo.Cli.Settings;
using Dynamo.Hosting;

namespace Dynamo.Cli.Roles;

/// <summary><c>dynamo frontend</c>: the HTTP surface and the routers of a cluster; loads no model.</summary>
internal static class FrontendCommand
{
    public static Command Create()
    {
        HttpFlags http = new();
        RequestFlags requests = new();
        AccessFlags access = new(Environment.GetEnvironmentVariable);
        ClusterFlags cluster = new(hasGateway: true);
        MigrationFlags migration = new();
        LiveRouterFlags router = new();
        Command command = new("frontend", "Serve the models of a cluster over HTTP; any number of frontends may run.");
        command.AddAll(http.All, requests.All, access.All, router.All, migration.All, cluster.All);
        command.Add(ConfigFile.CreateFlag());
        command.SetAction((parsed, cancellationToken) => NodeHost.RunAsync(
            new NodeOptions
            {
                Http = http.Read(parsed),
                Frontend = new DynamoFrontendOptions
                {
                    Router = router.Read(parsed),
                    Frontend = requests.Apply(parsed, access.Read(parsed)),
                    Migration = migration.Read(parsed),
                    Telemetry = NodeEnvironment.Telemetry(),
                    Cluster = cluster.Read(parsed),
                },
            },
            cancellationToken));
        return command;
    }
}
