using System.CommandLine;
using Dynamo.Diagnostics;

namespace Dynamo.Cli.Doctor;

/// <summary><c>dynamo doctor</c>: looks at everything that a cluster needs, says what is wrong and what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        DoctorFlags flags = new();
        Command command = new(
            "doctor",
            "Check Redis, NATS, addresses, members and their connections to each other, clocks, versions, GPUs and libraries from this host. Exit code 1 when something fails.");
        flags.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DoctorOptions options = flags.Read(parsed);
            FindingWriter writer = new(Console.Out, options.IsJson);
            await foreach (Finding finding in new DoctorRun(options, TimeProvider.System).RunAsync(cancellationToken))
            {
                writer.Write(finding);
            }

            writer.Finish();
            return writer.NumFailures == 0 ? 0 : 1;
        });
        return command;
    }
}
