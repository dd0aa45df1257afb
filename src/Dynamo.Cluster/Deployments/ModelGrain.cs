using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Calls;
using Dynamo.Cluster.Placement;
using Dynamo.Protocol.Routing;
using Orleans.Storage;

namespace Dynamo.Cluster.Deployments;

/// <summary>Mints generations, starts instances, and updates the router. What to do is decided by <see cref="Deployment"/>.</summary>
[OnFrontendPlacement, KeepAlive, Immovable]
internal sealed partial class ModelGrain(
    [PersistentState("model", ClusterStorage.Name)] IPersistentState<ModelRecord> record,
    TimeProvider time,
    ILogger<ModelGrain> logger) : Grain, IModelGrain
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // What is renewed each second waits behind a call to the router, and is forgotten after Deployment.Expiration.
    private static readonly TimeSpan RouterTimeout = TimeSpan.FromSeconds(1);

    // Instances report each second.
    private static readonly TimeSpan UntilComplete = TimeSpan.FromSeconds(3);

    private readonly Deployment _deployment = new();
    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly long _activated = time.GetTimestamp();
    private long _numBusyChanges;
    private bool _hasOffers;
    private Task _listing = Task.CompletedTask;

    private string Model => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(static (grain, _) => grain.OnTickAsync(), this, Interval, Interval);
        return Task.CompletedTask;
    }

    public async Task OfferAsync(SiloOffer offer)
    {
        if (!_hasOffers)
        {
            _hasOffers = true;
            List();
        }

        IReadOnlyList<InstanceKey> unknown = _deployment.Offer(Model, offer, time.GetUtcNow());
        if (unknown.Count > 0)
        {
            await AcceptAsync(await Task.WhenAll(unknown.Select(key => GrainFactory.GetGrain<IModelInstanceGrain>(key.ToString()).ReportAsync())));
        }

        await FormAsync();
    }

    public Task ReportInstanceAsync(InstanceReport report) => AcceptAsync([report]);

    public async Task SetBusyLimitsAsync(BusyLimits? limits)
    {
        ModelRecord before = record.State;
        if (!await WriteAsync(before with { Busy = limits?.Or(before.Busy) ?? new BusyLimits() }))
        {
            throw new InvalidOperationException($"The state of model {Model} cannot be written; nothing has changed.");
        }

        _numBusyChanges++;
        await UpdateRouterAsync();
    }

    public Task<ModelView> GetViewAsync() => Task.FromResult(View());

    private async Task OnTickAsync()
    {
        _deployment.Expire(time.GetUtcNow());
        if (_hasOffers)
        {
            List();
        }

        await FormAsync();
        await UpdateRouterAsync();
    }

    // Again and again: the registry knows only what it was told since it was activated, and it may die without this grain. Nothing here waits for it.
    private void List()
    {
        if (_listing.IsCompleted)
        {
            _listing = ListAsync();
        }
    }

    private async Task ListAsync()
    {
        try
        {
            await GrainFactory.GetGrain<IModelRegistryGrain>(0).AddAsync(Model);
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            LogRegistryUnreachable(e, Model);
        }
    }

    private async Task AcceptAsync(InstanceReport[] reports)
    {
        long version = _deployment.Version;
        foreach (InstanceReport report in reports)
        {
            _deployment.Report(report, time.GetUtcNow());
        }

        if (_deployment.Version != version)
        {
            await UpdateRouterAsync();
        }
    }

    private async Task FormAsync()
    {
        RankKey[] free = _deployment.GpusToForm(time.GetUtcNow());
        if (free.Length > 0 && await MintAsync(free.Length) is { } first)
        {
            await Task.WhenAll(free.Select((rank, i) => FormAsync(rank, first + i)));
        }
    }

    private async Task FormAsync(RankKey rank, long generation)
    {
        InstanceKey key = new(Model, rank.Silo, generation);
        LogForming(key, rank.Gpu);
        _deployment.Report(new InstanceReport { Key = key, Worker = default, Gpu = rank.Gpu, State = InstanceState.Forming }, time.GetUtcNow());
        try
        {
            await GrainFactory.GetGrain<IModelInstanceGrain>(key.ToString()).StartAsync([rank]);
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            // The instance may have received the call all the same, and then reports; if not, it is forgotten, and its GPU is free again.
            LogNotStarted(e, key);
        }
    }

    // Generations count only once they are written: no rank hears of one that another activation of this grain could mint too.
    private async Task<long?> MintAsync(int count)
    {
        ModelRecord before = record.State;
        DateTimeOffset created = before.Created == default ? time.GetUtcNow() : before.Created;
        return await WriteAsync(before with { LastGeneration = before.LastGeneration + count, Created = created }) ? before.LastGeneration + 1 : null;
    }

    private async Task<bool> WriteAsync(ModelRecord next)
    {
        ModelRecord before = record.State;
        record.State = next;
        try
        {
            await record.WriteStateAsync();
            return true;
        }
        catch (InconsistentStateException e)
        {
            LogOtherWriter(e, Model);
            DeactivateOnIdle();
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            record.State = before;
            LogNoStorage(e, Model);
            return false;
        }
    }

    private async Task UpdateRouterAsync()
    {
        try
        {
            await GrainFactory.GetGrain<IRouterGrain>(Model).UpdateAsync(View()).WaitAsync(RouterTimeout, time);
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            // The next update follows within a second, and a router that knows nothing asks by itself.
            LogRouterUnreachable(e, Model);
        }
    }

    private ModelView View() => new()
    {
        Model = Model,
        Created = record.State.Created,
        Version = _deployment.Version + _numBusyChanges,
        Incarnation = _incarnation,
        IsComplete = record.State.LastGeneration == 0 || time.GetElapsedTime(_activated) >= UntilComplete,
        Busy = record.State.Busy,
        Instances = _deployment.Instances,
    };

    [LoggerMessage(LogLevel.Information, "Forming instance {Instance} on GPU {Gpu}.")]
    private partial void LogForming(InstanceKey instance, int gpu);

    [LoggerMessage(LogLevel.Information, "Instance {Instance} has not answered to its start.")]
    private partial void LogNotStarted(Exception exception, InstanceKey instance);

    [LoggerMessage(LogLevel.Warning, "Another activation has written the state of model {Model}; this one ends.")]
    private partial void LogOtherWriter(Exception exception, string model);

    [LoggerMessage(LogLevel.Warning, "The state of model {Model} cannot be written; no instance is formed and nothing is set until it can. What runs goes on.")]
    private partial void LogNoStorage(Exception exception, string model);

    [LoggerMessage(LogLevel.Debug, "The registry could not be told of model {Model}.")]
    private partial void LogRegistryUnreachable(Exception exception, string model);

    [LoggerMessage(LogLevel.Debug, "The router of model {Model} cannot be reached.")]
    private partial void LogRouterUnreachable(Exception exception, string model);
}
