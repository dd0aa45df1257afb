using System.CommandLine;
using Dynamo.Cli.Bench;
using Dynamo.Cli.Chat;
using Dynamo.Cli.Doctor;
using Dynamo.Cli.Roles;
using Dynamo.Cli.Simulate;
using Dynamo.Cli.Verify;

namespace Dynamo.Cli;

/// <summary>The commands.</summary>
internal static class Commands
{
    /// <summary>All of them.</summary>
    public static RootCommand Root() => new("Serves large language models on an Orleans cluster.")
    {
        ServeCommand.Create(),
        FrontendCommand.Create(),
        WorkerCommand.Create(),
        MockerCommand.Create(),
        ChatCommand.Create(),
        VerifyCommand.Create(),
        DoctorCommand.Create(),
        SimulateCommand.Create(),
        BenchCommand.Create(),
    };
}
