using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Cluster.Calls;
using Dynamo.Cluster.Routing;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Models;

namespace Dynamo.Serving.Catalog;

/// <summary>Asks the models' grains what there is, each second, more often while it changes, and brings each model's text files here once.</summary>
internal sealed partial class ModelCatalog(IGrainFactory grains, LocalRouter localRouter, TimeProvider time, ILogger<ModelCatalog> logger) : BackgroundService, IModelCatalog, IWorkerLocator
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ChangingInterval = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<string, InstanceView> _views = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServedModel> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelFolder> _files = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<ServedModel> _models = [];
    private volatile InstanceReport[] _instances = [];

    public IReadOnlyList<ServedModel> Models => _models;

    /// <summary>Every instance that was in the last views. Thread-safe.</summary>
    public IReadOnlyCollection<InstanceReport> Instances => _instances;

    /// <summary>Tokens of a block of a model's workers, or 0 while that is not known. Thread-safe.</summary>
    public int BlockSizeOf(string model) => _models.FirstOrDefault(served => served.Name == model)?.Limits?.BlockSize ?? 0;

    public InstanceKey? InstanceOf(WorkerId worker) => _instances.FirstOrDefault(instance => instance.Worker == worker)?.Key;

    public IEnumerable<WorkerId> WorkersOf(SiloAddress silo) => _instances.Where(instance => instance.Key.Head.Equals(silo)).Select(static instance => instance.Worker);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(ChangingInterval, time);
        do
        {
            bool isSettled = false;
            try
            {
                isSettled = await RefreshAsync().WaitAsync(stoppingToken);
            }
            catch (Exception e) when (FailedCalls.IsUnreachable(e) || e is InvalidDataException or IOException)
            {
                // What was known stays offered; whether a request can run is decided when it is routed.
                LogNotRefreshed(e);
            }

            timer.Period = isSettled ? Interval : ChangingInterval;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // Returns whether all is as it was, and every instance ready.
    private async Task<bool> RefreshAsync()
    {
        bool hasChanged = false;
        List<InstanceReport> instances = [];
        string[] listed = await grains.GetGrain<IModelRegistryGrain>(0).ListAsync();

        // A registry that has just come up elsewhere has not been told of all models yet.
        foreach (string name in listed.Union(_known.Keys).ToArray())
        {
            hasChanged |= await RefreshAsync(name, instances);
        }

        bool isSettled = !hasChanged && _instances.SequenceEqual(instances) && instances.Count > 0 && instances.All(static instance => instance.State == InstanceState.Ready);
        _instances = [.. instances];
        if (hasChanged)
        {
            _models = [.. _known.Values.OrderBy(static model => model.Name, StringComparer.Ordinal)];
        }

        return isSettled;
    }

    private async Task<bool> RefreshAsync(string name, List<InstanceReport> instances)
    {
        ModelView view = await grains.GetGrain<IModelGrain>(name).GetViewAsync();
        localRouter.Update(view);

        // A model's grain that has just come up elsewhere knows nothing yet, which does not mean that there is nothing.
        if (!_views.TryGetValue(name, out InstanceView? known))
        {
            _views.Add(name, known = new InstanceView());
        }

        known.Update(view);
        instances.AddRange(known.Instances);
        InstanceReport? ready = known.Instances.FirstOrDefault(static instance => instance.State == InstanceState.Ready);
        ServedModel? before = _known.GetValueOrDefault(name);
        if (ready?.Limits is not { } limits)
        {
            // Known, but nothing is ready: it stays listed.
            return before is not null && Replace(before, before with { IsReady = false });
        }

        ServedModel now = new(name, limits.MaxModelLength, limits.VocabularySize, view.Created, await FilesAsync(name, ready.Key))
        {
            IsReady = true,
            Aliases = AliasesOf(name, known.Instances),
            NumericsClasses = NumericsClassesOf(known.Instances),
            Limits = new InstanceLimits(limits.NumBlocks, limits.BlockSize, limits.MaxNumSequences, limits.MaxBatchedTokens),
        };
        return Replace(before, now);
    }

    // What any of its workers is also called.
    private static NameList AliasesOf(string name, IEnumerable<InstanceReport> instances) => new(
        [.. instances.Where(static instance => instance.State == InstanceState.Ready).SelectMany(static instance => instance.Aliases.Names)
            .Where(alias => alias != name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    private static NameList NumericsClassesOf(IEnumerable<InstanceReport> instances) => new(
        [.. instances.Where(static instance => instance is { State: InstanceState.Ready, Limits: not null }).Select(static instance => instance.Limits!.NumericsClass)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    private async Task<ModelFolder> FilesAsync(string name, InstanceKey instance)
    {
        if (!_files.TryGetValue(name, out ModelFolder? files))
        {
            files = await ModelFileFetcher.FetchAsync(name, grains.GetGrain<IModelInstanceGrain>(instance.ToString()));
            _files.Add(name, files);
        }

        return files;
    }

    private bool Replace(ServedModel? before, ServedModel now)
    {
        _known[now.Name] = now;
        return before != now;
    }

    [LoggerMessage(LogLevel.Debug, "The list of models could not be refreshed.")]
    private partial void LogNotRefreshed(Exception exception);
}
