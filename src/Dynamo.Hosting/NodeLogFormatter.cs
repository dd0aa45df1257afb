using System.Globalization;
using System.Net.Sockets;
using Dynamo.Security.Handshake;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Orleans.Persistence.Redis;
using StackExchange.Redis;

namespace Dynamo.Hosting;

/// <summary>
/// One line for each message. Whatever may be a defect keeps its stack trace. That other hosts come and go is none: it is told with what went wrong
/// and not where, and of what libraries tell by several parts several times a second, one line of each kind in ten seconds. Our own code says as an
/// error what it has no answer to, so what it says below that is none either. Thread-safe.
/// </summary>
internal sealed class NodeLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    /// <summary>Its name among formatters.</summary>
    public const string FormatterName = "dynamo";

    private const string OwnPrefix = "Dynamo.";

    private readonly RepeatedFaults _repeated = new(time);

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        bool isOwn = logEntry.Category.StartsWith(OwnPrefix, StringComparison.Ordinal);
        bool isExpected = isOwn ? logEntry.LogLevel < LogLevel.Error : IsExpected(logEntry.Exception?.GetBaseException());
        int numOmitted = 0;
        if (isExpected && !isOwn && !_repeated.Count($"{logEntry.Category} {logEntry.EventId.Id} {logEntry.LogLevel}", out numOmitted))
        {
            return;
        }

        textWriter.Write(time.GetLocalNow().ToString("HH:mm:ss.fff ", CultureInfo.InvariantCulture));
        textWriter.Write(Level(logEntry.LogLevel));
        textWriter.Write(": ");
        textWriter.Write(logEntry.Category);
        textWriter.Write(' ');
        textWriter.Write(OneLine(logEntry.Formatter(logEntry.State, null)));
        if (logEntry.Exception is { } fault)
        {
            textWriter.Write(' ');
            textWriter.Write(OneLine(isExpected ? $"({fault.GetBaseException().GetType().Name}: {fault.GetBaseException().Message})" : fault.ToString()));
        }

        if (numOmitted > 0)
        {
            textWriter.Write(string.Create(CultureInfo.InvariantCulture, $" {numOmitted} more of these since this was last said."));
        }

        textWriter.WriteLine();
    }

    // Nobody there, nobody there any more, or told to stop.
    private static bool IsExpected(Exception? fault) =>
        fault is null or OrleansException or TimeoutException or IOException or SocketException or OperationCanceledException or RedisException or RedisStorageException;

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
