using Dynamo.Cluster.Membership;
using Dynamo.Hosting;
using Dynamo.UnitTests.Frontend.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Dynamo.UnitTests.Cli.Roles;

public sealed class InnerServicesTests
{
    private readonly List<string> _calls = [];
    private readonly NodeState _state = new(NodePhase.Starting);
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);

    [Fact]
    public async Task Services_StartInOrder_AndStopInTheOppositeOne()
    {
        InnerServices inner = CreateSut(Service("a"), Service("b"));

        await StartAsync(inner);
        Assert.Equal(["start a, Starting", "start b, Starting"], _calls);
        Assert.Equal(NodePhase.Serving, _state.Phase);

        await StopAsync(inner);
        Assert.Equal(["stop b, Leaving", "stop a, Leaving"], _calls[2..]);
    }

    [Fact]
    public async Task ServiceThatFailsHalfWay_IsStoppedWithThoseBefore_AndNoneBehindItStarts()
    {
        InnerServices inner = CreateSut(Service("a"), Service("b", onStart: static () => throw new InvalidOperationException("b")), Service("c"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(inner));
        Assert.Equal(NodePhase.Starting, _state.Phase);
        await StopAsync(inner);

        Assert.Equal(["start a, Starting", "start b, Starting", "stop b, Leaving", "stop a, Leaving"], _calls);
    }

    [Fact]
    public async Task FaultsOfStopping_AreSaidOnceAllHaveStopped()
    {
        InnerServices inner = CreateSut(
            Service("a", onStop: static () => throw new InvalidOperationException("a")),
            Service("b"),
            Service("c", onStop: static () => throw new InvalidOperationException("c")));
        await StartAsync(inner);

        AggregateException faults = await Assert.ThrowsAsync<AggregateException>(() => StopAsync(inner));

        Assert.Equal(["c", "a"], faults.InnerExceptions.Select(static fault => fault.Message));
        Assert.Equal(["stop c, Leaving", "stop b, Leaving", "stop a, Leaving"], _calls[3..]);
    }

    [Fact]
    public async Task StoppedTwice_StopsEachOnce()
    {
        InnerServices inner = CreateSut(Service("a"));
        await StartAsync(inner);

        await StopAsync(inner);
        await StopAsync(inner);

        Assert.Equal(["start a, Starting", "stop a, Leaving"], _calls);
    }

    [Fact]
    public async Task BackgroundServiceThatFails_EndsTheProcess()
    {
        TaskCompletionSource work = new();
        InnerServices inner = CreateSut(new Background(_ => work.Task));
        await StartAsync(inner);
        Assert.False(_lifetime.ApplicationStopping.IsCancellationRequested);

        work.SetException(new InvalidOperationException("broken"));

        await StoppingAsync();
        Assert.Equal(["Critical A service of this process has failed; the process ends. broken"], _calls);
    }

    // A time-out of its own looks the same as being told to stop.
    [Fact]
    public async Task BackgroundServiceThatIsCancelledByNobody_EndsTheProcess()
    {
        TaskCompletionSource work = new();
        InnerServices inner = CreateSut(new Background(_ => work.Task));
        await StartAsync(inner);

        work.SetCanceled();

        await StoppingAsync();
        Assert.Single(_calls);
    }

    [Fact]
    public async Task BackgroundServiceThatEndsWhenToldTo_IsNoFault()
    {
        Background service = new(static stopping => Task.Delay(Timeout.Infinite, stopping));
        InnerServices inner = CreateSut(service);
        await StartAsync(inner);

        _lifetime.StopApplication();
        await StopAsync(inner);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.ExecuteTask!);
        Assert.Empty(_calls);
    }

    [Fact]
    public async Task BackgroundServiceThatIsDone_EndsNothing()
    {
        InnerServices inner = CreateSut(new Background(static _ => Task.CompletedTask));

        await StartAsync(inner);

        Assert.False(_lifetime.ApplicationStopping.IsCancellationRequested);
    }

    // However they were added; the web server is added when the host is built, behind them.
    [Fact]
    public async Task Take_ServicesSoFar_StartAfterThoseAddedLater_AndStopBeforeThem()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(this);
        builder.Services.AddHostedService<Typed>();
        builder.Services.AddHostedService(_ => Service("made"));
        builder.Services.AddSingleton<IHostedService>(Service("given"));
        InnerServices.Take(builder.Services);
        builder.Services.AddSingleton<IHostedService>(Service("web"));
        using IHost host = builder.Build();

        await host.StartAsync();
        Assert.Equal(NodePhase.Serving, host.Services.GetRequiredService<NodeState>().Phase);
        await host.StopAsync();

        Assert.Equal(
            ["start web", "start typed", "start made", "start given", "stop given", "stop made", "stop typed", "stop web"],
            _calls.Select(static call => call[..call.IndexOf(',')]));
    }

    // As a host does.
    private static async Task StartAsync(InnerServices inner)
    {
        await inner.StartingAsync(CancellationToken.None);
        await inner.StartAsync(CancellationToken.None);
        await inner.StartedAsync(CancellationToken.None);
    }

    private static async Task StopAsync(InnerServices inner)
    {
        await inner.StoppingAsync(CancellationToken.None);
        await inner.StopAsync(CancellationToken.None);
        await inner.StoppedAsync(CancellationToken.None);
    }

    private InnerServices CreateSut(params IHostedService[] services) => new(services, _state, _lifetime, new CallLogger(_calls));

    private RecordedService Service(string name, Action? onStart = null, Action? onStop = null) => new(name, this, onStart, onStop);

    private async Task StoppingAsync()
    {
        TaskCompletionSource stopping = new();
        await using CancellationTokenRegistration registration = _lifetime.ApplicationStopping.Register(stopping.SetResult);
        await stopping.Task.WaitAsync(Waiting.Limit);
    }

    private class RecordedService(string name, InnerServicesTests test, Action? onStart = null, Action? onStop = null) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Record("start", onStart);

        public Task StopAsync(CancellationToken cancellationToken) => Record("stop", onStop);

        private Task Record(string what, Action? then)
        {
            test._calls.Add($"{what} {name}, {test._state.Phase}");
            then?.Invoke();
            return Task.CompletedTask;
        }
    }

    private sealed class Typed(InnerServicesTests test) : RecordedService("typed", test);

    private sealed class Background(Func<CancellationToken, Task> work) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => work(stoppingToken);
    }

    private sealed class CallLogger(List<string> calls) : ILogger<InnerServices>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            calls.Add($"{logLevel} {formatter(state, exception)} {exception?.Message}");
    }
}
