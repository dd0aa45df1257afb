using System.CommandLine;
using System.Globalization;
using Dynamo.Cli;
using Dynamo.Cli.Bench;
using Dynamo.Cli.Chat;
using Dynamo.Cli.Doctor;
using Dynamo.Cli.Input;
using Dynamo.Cli.Roles;
using Dynamo.Cli.Simulate;
using Dynamo.Cli.Verify;
using Dynamo.Hosting;
using Dynamo.Protocol.Models;

// Numbers are written and read one way, whatever the machine's language.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

RootCommand root = new("Serves large language models on an Orleans cluster.")
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

// Faults that a user can mend are one line; anything else is a defect of ours and keeps its stack trace.
try
{
    ParseResult parsed = root.Parse(args);
    IReadOnlyList<string> faults = args.Length == 0 ? [] : CommandLineFaults.Of(parsed);
    if (faults.Count > 0)
    {
        string called = parsed.CommandResult.Command == root ? "dynamo" : $"dynamo {parsed.CommandResult.Command.Name}";
        throw new CommandFault($"{string.Join("\ndynamo: ", faults)}\n{called} --help tells what there is.");
    }

    return await parsed.InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,

        // A command ends by itself when it is asked to; serving drains first.
        ProcessTerminationTimeout = TimeSpan.FromMinutes(10),
    });
}
catch (Exception e) when (e is CommandFault or NodeStartException or ModelFolderException)
{
    Console.Error.WriteLine($"dynamo: {e.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
