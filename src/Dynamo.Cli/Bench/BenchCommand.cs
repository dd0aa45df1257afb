using System.CommandLine;
using Dynamo.Cli.Input;
using Dynamo.Engine.Mock;

namespace Dynamo.Cli.Bench;

/// <summary><c>dynamo bench</c>: loads a live cluster and reports what its clients would see.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        BenchFlags flags = new();
        Command command = new(
            "bench",
            "Load a live server with requests, N at a time, at a rate or as in a trace, and report time to first token, time per token, throughput and prefix reuse. "
                + "Exit code 1 when a request failed.");
        flags.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            BenchOptions options = flags.Read(parsed);
            BenchReport report = await new BenchRun(options, new MonotonicStepClock(), Console.Error).RunAsync(cancellationToken);
            Write(report, options.JsonPath);
            if (report.FirstError is { } error)
            {
                throw new CommandFault($"{report.NumFailed} of {report.NumFailed + report.NumCompleted} requests failed; the first of them: {error}");
            }

            return cancellationToken.IsCancellationRequested ? 130 : 0;
        });
        return command;
    }

    private static void Write(BenchReport report, string? path)
    {
        if (path == "-")
        {
            Console.Out.WriteLine(BenchReportJson.Of(report));
            return;
        }

        BenchReportTable.Write(report, Console.Out);
        if (path is not null)
        {
            JsonFile.Write(path, BenchReportJson.Of(report));
        }
    }
}
