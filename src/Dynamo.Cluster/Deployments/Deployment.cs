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
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long a failed instance stays in view when nothing takes its place.</summary>
    public static readonly TimeSpan FailureShown = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<SiloAddress, Offerer> _offerers = [];
    private readonly SortedDictionary<long, Instance> _instances = [];

    /// <summary>Counts changes of <see cref="Instances"/>.</summary>
    public long Version { get; private set; } = 1;

    /// <summary>Instances, oldest generation first.</summary>
    public InstanceReport[] Instances => [.. _instances.Values.Select(static instance => instance.Report)];

    /// <summary>Takes an offer.</summary>
    /// <returns>An instance that runs there and is not known here, to be asked for a report; else <see langword="null"/>.</returns>
    public InstanceKey? Offer(string model, SiloOffer offer, DateTimeOffset now)
    {
        if (!_offerers.TryGetValue(offer.Silo, out Offerer? offerer))
        {
            _offerers.Add(offer.Silo, offerer = new Offerer { Offer = offer });
        }

        offerer.Offer = offer;
        offerer.LastSeen = now;
        return offer.Generation > 0 && !_instances.ContainsKey(offer.Generation) ? new InstanceKey(model, offer.Silo, offer.Generation) : null;
    }

    /// <summary>Takes a report.</summary>
    public void Report(InstanceReport report, DateTimeOffset now)
    {
        long generation = report.Key.Generation;
        if (_instances.TryGetValue(generation, out Instance? known))
        {
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

        if (report.State != known?.Report.State && _offerers.TryGetValue(report.Key.Head, out Offerer? offerer))
        {
            OnStateChanged(offerer, report.State, now);
        }

        _instances[generation] = new Instance(report, now);
    }

    /// <summary>Forgets what was not renewed, and failures that were replaced or shown long enough.</summary>
    public void Expire(DateTimeOffset now)
    {
        foreach ((SiloAddress silo, Offerer offerer) in _offerers)
        {
            if (now - offerer.LastSeen > Patience)
            {
                _offerers.Remove(silo);
            }
        }

        foreach ((long generation, Instance instance) in _instances.ToArray())
        {
            TimeSpan age = now - instance.LastSeen;
            bool isOver = instance.Report.State == InstanceState.Failed ? age > FailureShown || IsReplaced(instance.Report.Key) : age > Patience;
            if (isOver)
            {
                _instances.Remove(generation);
                Version++;
            }
        }
    }

    /// <summary>Silos whose free GPUs should become an instance now.</summary>
    public IEnumerable<SiloAddress> SilosToForm(DateTimeOffset now) =>
        _offerers.Values
            .Where(offerer => offerer.Offer is { Generation: 0, IsDraining: false } && now >= offerer.NotBefore && !HasLiveInstance(offerer.Offer.Silo))
            .Select(static offerer => offerer.Offer.Silo)
            .ToArray();

    private static void OnStateChanged(Offerer offerer, InstanceState state, DateTimeOffset now)
    {
        if (state == InstanceState.Ready)
        {
            offerer.NumFailures = 0;
        }
        else if (state == InstanceState.Failed)
        {
            // 1, 2, 4 ... seconds: an engine that fails at once must not be formed without end.
            TimeSpan pause = TimeSpan.FromSeconds(Math.Min(1L << Math.Min(offerer.NumFailures, 30), (long)LongestPause.TotalSeconds));
            offerer.NumFailures++;
            offerer.NotBefore = now + pause;
        }
    }

    private bool HasLiveInstance(SiloAddress head) =>
        _instances.Values.Any(instance => instance.Report.Key.Head.Equals(head) && instance.Report.State != InstanceState.Failed);

    private bool IsReplaced(InstanceKey key) =>
        _instances.Values.Any(other => other.Report.Key.Generation > key.Generation && other.Report.Key.Head.Equals(key.Head));

    private sealed record Instance(InstanceReport Report, DateTimeOffset LastSeen);

    private sealed class Offerer
    {
        public required SiloOffer Offer { get; set; }

        public DateTimeOffset LastSeen { get; set; }

        public int NumFailures { get; set; }

        public DateTimeOffset NotBefore { get; set; }
    }
}
