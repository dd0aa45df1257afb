using Microsoft.Extensions.Logging.Console;

namespace Dynamo.Hosting;

/// <summary>What a node says: its own news and other parts' warnings, one line each, on standard error.</summary>
internal static class NodeLogging
{
    public static void Configure(ILoggingBuilder logging)
    {
        logging.Services.AddSingleton(TimeProvider.System);
        logging.AddConsole(static options => options.FormatterName = NodeLogFormatter.FormatterName);
        logging.AddConsoleFormatter<NodeLogFormatter, ConsoleFormatterOptions>();
        logging.Services.Configure<ConsoleLoggerOptions>(static options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("Dynamo", LogLevel.Information);

        // Orleans' own news under our services' names; its advice to use the server collector, which does not suit a process that shares its
        // cores with kernels; and a start-up check that reports how long the machine was up as a stall.
        logging.AddFilter("Dynamo.Serving.Generation.FrontendService", LogLevel.Warning);
        logging.AddFilter("Dynamo.Diagnostics.DiagnosticsService", LogLevel.Warning);
        logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);

        // Why a host does not start is the command's one line; what ends one that runs is critical.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);

        // While a silo comes or goes, calls to it are tried again; each try would be two lines. Our own lines say what it means.
        logging.AddFilter("Polly", LogLevel.None);
        logging.AddFilter("Orleans.Messaging", LogLevel.None);
        logging.AddFilter("Orleans.Runtime.Messaging.ConnectionManager", LogLevel.None);
        logging.AddFilter("Orleans.Runtime.MembershipService.MembershipTableManager", LogLevel.Critical);
        logging.AddFilter("Orleans.Runtime.MembershipService.MembershipAgent", LogLevel.Critical);
    }
}
