using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;

namespace Dynamo.Cluster.Deployments;

/// <summary>
/// Who offers GPUs to one model and which instances it has, and from both, what to form next. Knows no grain and no clock; its caller brings
/// the time and acts. Not thread-safe.
/// </summary>
internal sealed class Deployment
{
    /// <summary>An offer or report that is not renewed for this long is forgotten; both are renewed each second.</summary>
    public static readonly TimeSpan Expiration = TimeSpan.FromSeconds(5);

    /// <summary>How long a failed instance stays in view when nothing takes its place.</summary>
    public static readonly TimeSpan FailureShown = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<RankKey, Gpu> _gpus = [];
    private readonly SortedDictionary<long, Instance> _instances = [];

    /// <summary>Counts changes of <see cref="Instances"/>.</summary>
    public long Version { get; private set; } = 1;

    /// <summary>Instances, oldest generation first.</summary>
    public InstanceReport[] Instances => [.. _instances.Values.Select(static instance => instance.Report)];

    /// <summary>Accepts an offer.</summary>
    /// <returns>Instances that run there and are not known here, to be asked for a report.</returns>
    public IReadOnlyList<InstanceKey> Offer(string model, SiloOffer offer, DateTimeOffset now)
    {
        List<InstanceKey> unknown = [];
        for (int index = 0; index < offer.Gpus.Length; index++)
        {
            RankKey key = new(offer.Silo, index);
            if (!_gpus.TryGetValue(key, out Gpu? gpu))
            {
                _gpus.Add(key, gpu = new Gpu());
            }

            gpu.Offer = offer.Gpus[index];
            gpu.LastSeen = now;
            if (gpu.Offer.Generation > 0 && !_instances.ContainsKey(gpu.Offer.Generation))
            {
                unknown.Add(new InstanceKey(model, offer.Silo, gpu.Offer.Generation));
            }
        }

        return unknown;
    }

    /// <summary>Accepts a report.</summary>
    public void Report(InstanceReport report, DateTimeOffset now)
    {
        long generation = report.Key.Generation;
        if (_instances.TryGetValue(generation, out Instance? known))
        {
            report = report with { Gpu = report.Gpu ?? known.Report.Gpu };
            if (report.State < known.Report.State)
            {
                return;
            }

            Version += report == known.Report ? 0 : 1;
        }
        else
        {
            Version++;
        }

        if (report.State != known?.Report.State && GpuOf(report) is { } key && _gpus.TryGetValue(key, out Gpu? gpu))
        {
            OnStateChanged(gpu, report.State, now);
        }

        _instances[generation] = new Instance(report, now);
    }

    /// <summary>Forgets what was not renewed, and failures that were replaced or shown long enough.</summary>
    public void Expire(DateTimeOffset now)
    {
        foreach ((RankKey key, Gpu gpu) in _gpus)
        {
            if (now - gpu.LastSeen > Expiration)
            {
                _gpus.Remove(key);
            }
        }

        foreach ((long generation, Instance instance) in _instances.ToArray())
        {
            TimeSpan age = now - instance.LastSeen;
            bool isOver = instance.Report.State == InstanceState.Failed ? age > FailureShown || IsReplaced(instance.Report) : age > Expiration;
            if (isOver)
            {
                _instances.Remove(generation);
                Version++;
            }
        }
    }

    /// <summary>Free GPUs of which each should become an instance now.</summary>
    public RankKey[] GpusToForm(DateTimeOffset now)
    {
        HashSet<RankKey> taken = [.. _instances.Values
            .Where(static instance => instance.Report.State != InstanceState.Failed)
            .Select(static instance => GpuOf(instance.Report))
            .OfType<RankKey>()];
        return [.. _gpus
            .Where(pair => pair.Value.Offer is { Generation: 0, IsDraining: false } && now >= pair.Value.NotBefore && !taken.Contains(pair.Key))
            .Select(static pair => pair.Key)];
    }

    private static RankKey? GpuOf(InstanceReport report) => report.Gpu is { } gpu ? new RankKey(report.Key.Head, gpu) : null;

    private static void OnStateChanged(Gpu gpu, InstanceState state, DateTimeOffset now)
    {
        if (state == InstanceState.Ready)
        {
            gpu.NumFailures = 0;
        }
        else if (state == InstanceState.Failed)
        {
            // 1, 2, 4 ... seconds: an engine that fails at once must not be formed without end.
            TimeSpan pause = TimeSpan.FromSeconds(Math.Min(1L << Math.Min(gpu.NumFailures, 30), (long)LongestPause.TotalSeconds));
            gpu.NumFailures++;
            gpu.NotBefore = now + pause;
        }
    }

    private bool IsReplaced(InstanceReport report) =>
        GpuOf(report) is { } gpu && _instances.Values.Any(other => other.Report.Key.Generation > report.Key.Generation && GpuOf(other.Report) == gpu);

    private sealed record Instance(InstanceReport Report, DateTimeOffset LastSeen);

    private sealed class Gpu
    {
        public GpuOffer Offer { get; set; }

        public DateTimeOffset LastSeen { get; set; }

        public int NumFailures { get; set; }

        public DateTimeOffset NotBefore { get; set; }
    }
}
