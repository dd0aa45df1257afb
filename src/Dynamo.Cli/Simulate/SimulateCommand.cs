using System.CommandLine;
using Dynamo.Cli.Input;
using Dynamo.Cli.Routing;
using Dynamo.Simulation;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Reports;
using Dynamo.Simulation.Traces;

namespace Dynamo.Cli.Simulate;

/// <summary><c>dynamo simulate</c>: the router and workers on a request trace in virtual time, without a cluster and without a GPU.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        SimulateFlags flags = new();
        Command command = new(
            "simulate",
            "Route a request trace to simulated workers in virtual time and report latencies, prefix reuse and balance. Equal flags give equal figures.");
        flags.AddTo(command);
        command.SetAction(parsed => Run(flags, parsed));
        return command;
    }

    private static int Run(SimulateFlags flags, ParseResult parsed)
    {
        (string path, string? json, SimulationConfig config) = flags.Read(parsed);
        SimulationReport report;
        try
        {
            IReadOnlyList<TraceRequest> trace = TraceReader.Read(path, config.TraceBlockSize, out int numEmpty);
            EmptyRequests.Tell(Console.Error, path, numEmpty);
            report = SimulationReport.Of(RouterFlags.NameOf(config.Router), config, Simulator.Run(trace, config));
        }
        catch (Exception e) when (e is TraceException or SimulationException)
        {
            throw new CommandFault(e.Message, e);
        }

        if (json == "-")
        {
            Console.Out.WriteLine(report.ToJson());
            return 0;
        }

        ReportTable.Write(Console.Out, report);
        if (json is not null)
        {
            JsonFile.Write(json, report.ToJson());
        }

        return 0;
    }
}
