using System.Globalization;
using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;

namespace Dynamo.Cluster.Planes;

/// <summary>
/// This process's connection to NATS: connects and reconnects without end, and asks the server each second whether it still answers. An outage is
/// said once, and once more when it is over. Thread-safe.
/// </summary>
internal sealed partial class NatsLink : BackgroundService, IClusterHealth
{
    /// <summary>Between two questions, and between two attempts to connect.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer may take before the server counts as away.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly string _server;
    private readonly TimeProvider _time;
    private readonly ILogger<NatsLink> _logger;
    private readonly NatsConnection _connection;
    private readonly Lock _lock = new();
    private long? _awaySince;
    private string? _refusal;
    private bool _isSaid;
    private bool _isStopped;

    public NatsLink(NatsAccess server, TimeProvider time, ILogger<NatsLink> logger)
    {
        (_server, _time, _logger) = (server.Address, time, logger);
        _awaySince = time.GetTimestamp();
        _connection = new NatsConnection(server.ToOptions() with
        {
            Name = "dynamo",
            ConnectTimeout = Timeout,
            ReconnectWaitMin = TimeSpan.FromMilliseconds(100),
            ReconnectWaitMax = Interval,
            MaxReconnectRetry = -1,

            // A hung server keeps its sockets open; after two unanswered pings the connection is made anew.
            PingInterval = TimeSpan.FromSeconds(5),
            MaxPingOut = 2,
            IgnoreAuthErrorAbort = true,

            // A listener that cannot follow loses the newest, sees it by the numbers, and asks the worker.
            SubPendingChannelCapacity = 4096,

            // It would write several lines for each attempt.
            LoggerFactory = NullLoggerFactory.Instance,
        });
        _connection.ConnectionDisconnected += (_, _) =>
        {
            Away();
            return ValueTask.CompletedTask;
        };
        _connection.ConnectionOpened += (_, _) =>
        {
            Back();
            return ValueTask.CompletedTask;
        };
    }

    /// <summary>The connection; use it while <see cref="IsUp"/>.</summary>
    public NatsConnection Connection => _connection;

    /// <summary>Whether the server answered when it was last asked.</summary>
    public bool IsUp
    {
        get
        {
            lock (_lock)
            {
                return _awaySince is null && !_isStopped;
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_lock)
            {
                return _isSaid && _awaySince is { } since
                    ? [_refusal is { } refusal
                        ? $"NATS at {_server} {refusal}: KV events and load travel in grain calls meanwhile."
                        : string.Create(CultureInfo.InvariantCulture, $"NATS at {_server} has not answered for {_time.GetElapsedTime(since).TotalSeconds:0} s: KV events and load travel in grain calls until it is back.")]
                    : [];
            }
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isStopped = true;
        }

        await base.StopAsync(cancellationToken);
        await _connection.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, _time);
        bool isConnected = false;
        do
        {
            try
            {
                if (!isConnected)
                {
                    await _connection.ConnectAsync().AsTask().WaitAsync(stoppingToken);
                    isConnected = true;
                }

                await AskAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, a ping that the client gave up when the connection broke included: NATS is not worth a process.
                Away(NatsRefusal.Of(e));
                LogAttempt(e, _server);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task AskAsync(CancellationToken stoppingToken)
    {
        if (_connection.ConnectionState != NatsConnectionState.Open)
        {
            Away();
            return;
        }

        await _connection.PingAsync(stoppingToken).AsTask().WaitAsync(Timeout, _time, stoppingToken);
        Back();
    }

    private void Away(string? refusal = null)
    {
        lock (_lock)
        {
            _awaySince ??= _time.GetTimestamp();
            bool isNews = refusal is not null && refusal != _refusal;
            _refusal = refusal ?? _refusal;
            if ((_isSaid && !isNews) || _isStopped)
            {
                return;
            }

            _isSaid = true;
        }

        LogAway(_server, refusal ?? "does not answer");
    }

    private void Back()
    {
        lock (_lock)
        {
            (_awaySince, _refusal) = (null, null);
            if (!_isSaid)
            {
                return;
            }

            _isSaid = false;
        }

        LogBack(_server);
    }

    [LoggerMessage(LogLevel.Warning, "NATS at {Server} {Fault}: KV events and load travel in grain calls until it is back.")]
    private partial void LogAway(string server, string fault);

    [LoggerMessage(LogLevel.Information, "NATS at {Server} answers again.")]
    private partial void LogBack(string server);

    [LoggerMessage(LogLevel.Debug, "NATS at {Server} could not be asked.")]
    private partial void LogAttempt(Exception exception, string server);
}
