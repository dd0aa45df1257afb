using System.CommandLine;
using System.Globalization;
using Dynamo.Benchmarks;
using Dynamo.Benchmarks.Decisions;
using Dynamo.Benchmarks.Engine;
using Dynamo.Benchmarks.Llama;
using Dynamo.Benchmarks.Prefixes;
using Dynamo.Benchmarks.Routing;
using Dynamo.Benchmarks.Serving;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

RootCommand root = new("Measures this project against the machine's limits and other programs, in one run, and checks what it measures.")
{
    DecisionsCommand.Create(),
    EngineCommand.Create(),
    LlamaServerCommand.Create(),
    PrefixesCommand.Create(),
    RoutingCommand.Create(),
    ServingCommand.Create(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is BenchmarkFault or LlamaException)
{
    Console.Error.WriteLine($"benchmarks: {e.Message}");
    return 1;
}
