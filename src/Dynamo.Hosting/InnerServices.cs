using Dynamo.Cluster.Membership;

namespace Dynamo.Hosting;

/// <summary>
/// Starts the silo and all that needs it after the web server, and stops it before: so <c>/live</c> and <c>/health</c> answer from the first
/// moment, while the cluster is joined, to the last, while requests are finished. A host starts its web server last and stops it first.
/// </summary>
internal sealed partial class InnerServices : IHostedLifecycleService
{
    private static readonly object Key = typeof(InnerServices);

    private readonly IHostedService[] _services;
    private readonly NodeState _state;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<InnerServices> _logger;
    private int _numStarted;

    public InnerServices([FromKeyedServices(typeof(InnerServices))] IEnumerable<IHostedService> services, NodeState state, IHostApplicationLifetime lifetime, ILogger<InnerServices> logger) =>
        (_services, _state, _lifetime, _logger) = ([.. services], state, lifetime, logger);

    /// <summary>Takes over all services that the host would start now. The web server's is added when the host is built.</summary>
    public static void Take(IServiceCollection services)
    {
        foreach (ServiceDescriptor service in services.Where(static service => service.ServiceType == typeof(IHostedService) && !service.IsKeyedService).ToArray())
        {
            services.Remove(service);
            services.Add(service switch
            {
                { ImplementationFactory: { } create } => ServiceDescriptor.KeyedSingleton(typeof(IHostedService), Key, (provider, _) => create(provider)),
                { ImplementationInstance: { } instance } => new ServiceDescriptor(typeof(IHostedService), Key, instance),
                _ => ServiceDescriptor.KeyedSingleton(typeof(IHostedService), Key, service.ImplementationType!),
            });
        }

        services.AddSingleton(new NodeState(NodePhase.Starting));
        services.AddHostedService<InnerServices>();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (IHostedService service in _services)
        {
            // One that fails half-way is stopped too.
            _numStarted++;
            await service.StartAsync(cancellationToken);
            if (service is BackgroundService { ExecuteTask: { } work })
            {
                _ = WatchAsync(work);
            }
        }

        _state.Enter(NodePhase.Serving);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _state.Enter(NodePhase.Leaving);
        List<Exception> faults = [];
        while (_numStarted > 0)
        {
            try
            {
                await _services[--_numStarted].StopAsync(cancellationToken);
            }
            catch (Exception e)
            {
                // The others must stop all the same; the host says it once all have.
                faults.Add(e);
            }
        }

        if (faults.Count > 0)
        {
            throw new AggregateException(faults);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // As the host does: a part that has failed for good must not be missing unnoticed.
    private async Task WatchAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception e) when (e is not OperationCanceledException || !_lifetime.ApplicationStopping.IsCancellationRequested)
        {
            LogFailed(e);
            _lifetime.StopApplication();
        }
        catch (OperationCanceledException)
        {
            // It was told to stop.
        }
    }

    [LoggerMessage(LogLevel.Critical, "A service of this process has failed; the process ends.")]
    private partial void LogFailed(Exception exception);
}
