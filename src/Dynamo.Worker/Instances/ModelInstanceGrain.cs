using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Calls;
using Dynamo.Cluster.Placement;
using Dynamo.Engine.Configuration;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Wire;
using Dynamo.Worker.Engines;

namespace Dynamo.Worker.Instances;

/// <summary>
/// Watches the ranks of one instance and passes requests to the engine host of its first GPU. Reentrant: every method works on what it finds
/// at once, and a submit must not wait behind a rank that does not answer.
/// </summary>
[OnSiloInKeyPlacement, KeepAlive, Immovable, Reentrant]
internal sealed partial class ModelInstanceGrain(
    EngineHosts hosts,
    WorkerOptions options,
    ModelFileReader files,
    TimeProvider time,
    ILogger<ModelInstanceGrain> logger) : Grain, IModelInstanceGrain
{
    private static readonly TimeSpan ChangingInterval = TimeSpan.FromMilliseconds(100);

    // The end of an engine is told at once.
    private static readonly TimeSpan ReadyInterval = TimeSpan.FromSeconds(1);

    // Less than the interval of a timer that may be early.
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(900);

    private InstanceKey _key;
    private InstanceLifecycle _lifecycle = null!;
    private RankKey[] _ranks = [];
    private EngineHost? _host;
    private InstanceReport? _reported;
    private long _reportedAt;
    private IGrainTimer? _timer;
    private TimeSpan _interval;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = InstanceKey.Parse(this.GetPrimaryKeyString());
        if (hosts.Find(_key.Generation) is { Spec: { } spec })
        {
            // Activated anew: the engine has outlived the grain.
            Assign(spec.Ranks);
        }
        else
        {
            _lifecycle = new InstanceLifecycle(_key, gpu: null, NameList.None);
        }

        return Task.CompletedTask;
    }

    public async Task StartAsync(RankKey[] ranks)
    {
        if (_timer is not null)
        {
            return;
        }

        Assign(ranks);
        Watch();
        for (int rank = 0; rank < _ranks.Length; rank++)
        {
            try
            {
                await Rank(rank).LoadAsync(new RankSpec { Instance = _key, Rank = rank, Ranks = _ranks });
            }
            catch (Exception e) when (e is StaleGenerationException or EngineStartException || FailedCalls.IsUnreachable(e))
            {
                _lifecycle.Fail($"Rank {rank} could not be started: {e.Message}");
                return;
            }
        }

        _ = ObserveEndAsync(_host!);
    }

    public async Task<InstanceReport> ReportAsync()
    {
        if (_host is null)
        {
            _lifecycle.Fail("Its engine is gone.");
            DeactivateOnIdle();
        }
        else if (_timer is null)
        {
            // Activated anew, by the model's grain, which saw this generation run: go on watching. It is waiting for this answer, so it is
            // not told anything from here.
            Watch();
            _ = ObserveEndAsync(_host);
            await PollAsync();
        }

        return _lifecycle.Report;
    }

    public Task<SubmitResult> SubmitAsync(SiloAddress frontend, WireMessage request)
    {
        GenerationRequest sequence = WireFormat.DecodeGenerationRequest(request.Bytes);
        try
        {
            return Task.FromResult(_host?.Submit(_key.Generation, frontend, sequence, request.Bytes.Length) ?? new SubmitResult(SubmitStatus.NotServing, null, "Its engine is gone."));
        }
        catch (StaleGenerationException e)
        {
            return Task.FromResult(new SubmitResult(SubmitStatus.NotServing, null, e.Message));
        }
    }

    public Task AbortAsync(SequenceAttempt[] sequences)
    {
        try
        {
            foreach (SequenceAttempt sequence in sequences)
            {
                _host?.Abort(_key.Generation, sequence);
            }
        }
        catch (StaleGenerationException)
        {
            // The sequences ended with their generation.
        }

        return Task.CompletedTask;
    }

    public Task<WireMessage[]> FindAsync(string responseId) =>
        Task.FromResult<WireMessage[]>([.. (_host?.Find(responseId) ?? []).Select(static request => new WireMessage(WireFormat.Encode(request)))]);

    public Task DrainAsync()
    {
        // A later generation on the same GPU is another worker. Not awaited: it takes as long as the sequences that run.
        if (_host is { } host && host.RunningGeneration == _key.Generation)
        {
            _ = host.DrainAsync(options.DrainGrace, CancellationToken.None);
            Pace(ChangingInterval);
        }

        return Task.CompletedTask;
    }

    public Task<WireMessage?> ReadEventsAsync(long first) =>
        Task.FromResult<WireMessage?>(_host?.ReadEvents(_key.Generation, first) is { } batch ? new WireMessage(WireFormat.Encode(batch)) : null);

    public async Task<WireMessage?> ListBlocksAsync(int from) =>
        _host is { } host && await host.ListBlocksAsync(_key.Generation, from) is { } page ? new WireMessage(WireFormat.Encode(page)) : null;

    public Task<bool> ResetPrefixCacheAsync() => _host?.ResetPrefixCacheAsync(_key.Generation) ?? Task.FromResult(false);

    public Task<ModelFileEntry[]> ListFilesAsync() => Task.FromResult(files.List());

    public async Task<WireMessage> ReadFileAsync(string name, int offset) => new(await files.ReadAsync(name, offset));

    private void Assign(RankKey[] ranks)
    {
        (_ranks, _host) = (ranks, hosts.Of(ranks[0].Gpu));
        _lifecycle = new InstanceLifecycle(_key, ranks[0].Gpu, new NameList([.. options.Aliases]));
    }

    private void Watch()
    {
        _interval = ChangingInterval;
        _timer = this.RegisterGrainTimer(static (grain, _) => grain.ObserveAsync(), this, new GrainTimerCreationOptions(TimeSpan.Zero, _interval) { KeepAlive = true });
    }

    // A silo may have hundreds of instances: a ready instance is polled less often.
    private void Pace(TimeSpan interval)
    {
        if (interval != _interval)
        {
            _interval = interval;
            _timer?.Change(interval, interval);
        }
    }

    // The end of the engine here is seen at once, whatever the pace.
    private async Task ObserveEndAsync(EngineHost host)
    {
        await host.EndedAsync(_key.Generation);
        await ObserveAsync();
    }

    private async Task ObserveAsync()
    {
        await PollAsync();
        Pace(_lifecycle.Report.State == InstanceState.Ready ? ReadyInterval : ChangingInterval);
        if (_lifecycle.Report != _reported || time.GetElapsedTime(_reportedAt) >= ReportInterval)
        {
            await ReportToModelAsync();
        }
    }

    private async Task PollAsync()
    {
        RankReport[] reports = new RankReport[_ranks.Length];
        try
        {
            for (int rank = 0; rank < reports.Length; rank++)
            {
                reports[rank] = await Rank(rank).ReportAsync();
            }

            _lifecycle.Observe(reports);
        }
        catch (Exception e) when (FailedCalls.IsRejected(e))
        {
            // Not when it is only silent: a slow rank is asked again, a lost one ends the instance.
            _lifecycle.Fail($"A rank is gone: {e.Message}");
        }
    }

    private async Task ReportToModelAsync()
    {
        InstanceReport report = _lifecycle.Report;
        _reportedAt = time.GetTimestamp();
        try
        {
            await GrainFactory.GetGrain<IModelGrain>(_key.Model).ReportInstanceAsync(report);
            _reported = report;
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            LogModelUnreachable(e, _key);
            return;
        }

        if (report.State == InstanceState.Failed)
        {
            await EndAsync();
        }
    }

    // One lost rank ends the instance: the other ranks give their GPUs back, and the next generation is another grain.
    private async Task EndAsync()
    {
        _timer?.Dispose();
        for (int rank = 0; rank < _ranks.Length; rank++)
        {
            try
            {
                await Rank(rank).StopAsync(_key.Generation);
            }
            catch (Exception e) when (FailedCalls.IsUnreachable(e))
            {
                LogRankUnreachable(e, rank, _key);
            }
        }

        DeactivateOnIdle();
    }

    private IRankGrain Rank(int rank) => GrainFactory.GetGrain<IRankGrain>(_ranks[rank].ToString());

    [LoggerMessage(LogLevel.Warning, "Instance {Instance} cannot tell its model how it is; it tries again.")]
    private partial void LogModelUnreachable(Exception exception, InstanceKey instance);

    [LoggerMessage(LogLevel.Debug, "Rank {Rank} of {Instance} cannot be told to stop.")]
    private partial void LogRankUnreachable(Exception exception, int rank, InstanceKey instance);
}
