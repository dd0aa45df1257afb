using System.CommandLine;

namespace Dynamo.Cli.Roles;

/// <summary><c>dynamo frontend</c>: the HTTP surface and the routers of a cluster; loads no model.</summary>
internal static class FrontendCommand
{
    private const string RoundRobin = "round-robin";

    public static Command Create()
    {
        HttpFlags http = new();
        ClusterFlags cluster = new(hasGateway: true);
        MigrationFlags migration = new();
        Option<string> routerMode = new("--router-mode")
        {
            Description = "How a request finds its worker: round-robin.",
            DefaultValueFactory = _ => RoundRobin,
        };
        Command command = new("frontend", "Serve the models of a cluster over HTTP; any number of frontends may run.") { routerMode };
        command.AddAll(http.All, migration.All, cluster.All);
        command.SetAction((parsed, cancellationToken) =>
        {
            string mode = parsed.GetRequiredValue(routerMode);
            return mode == RoundRobin
                ? NodeHost.RunAsync(new NodeOptions { Cluster = cluster.Read(parsed), Http = http.Read(parsed), Migration = migration.Read(parsed) }, cancellationToken)
                : throw new CommandFault($"--router-mode must be {RoundRobin} in this version, is '{mode}'.");
        });
        return command;
    }
}
