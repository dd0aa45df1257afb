using System.CommandLine;
using System.Globalization;
using Dynamo.Cli;
using Dynamo.Cli.Input;
using Dynamo.Cli.Settings;
using Dynamo.Hosting;
using Dynamo.Protocol.Models;

// Numbers are written and read one way, whatever the machine's language.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

RootCommand root = Commands.Root();
CompletedLine line = CompletedLine.Of(root, args, Environment.GetEnvironmentVariable);

// Faults that a user can mend are one line; anything else is a defect of ours and keeps its stack trace.
try
{
    ParseResult parsed = root.Parse(line.Words);
    IReadOnlyList<string> faults = args.Length == 0 ? [] : [.. line.Faults, .. CommandLineFaults.Of(parsed)];
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
    Console.Error.WriteLine($"dynamo: {line.Explain(e.Message)}");
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
