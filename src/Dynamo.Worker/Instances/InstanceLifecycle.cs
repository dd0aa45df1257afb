using Dynamo.Abstractions.Instances;

namespace Dynamo.Worker.Instances;

/// <summary>How an instance is, from how its ranks are: it is ready when all are, and over as a whole when one is lost. Not thread-safe.</summary>
internal sealed class InstanceLifecycle(InstanceKey key, int? gpu, NameList aliases)
{
    /// <summary>How the instance is.</summary>
    public InstanceReport Report { get; private set; } = new() { Key = key, Worker = default, Gpu = gpu, Aliases = aliases, State = InstanceState.Forming };

    /// <summary>The instance is over.</summary>
    public void Fail(string error)
    {
        if (Report.State != InstanceState.Failed)
        {
            Report = Report with { State = InstanceState.Failed, Error = error };
        }
    }

    /// <summary>Takes what all ranks say, rank 0 first.</summary>
    public void Observe(ReadOnlySpan<RankReport> ranks)
    {
        if (Report.State == InstanceState.Failed)
        {
            return;
        }

        bool allTold = true;
        bool allReady = true;
        bool anyDrains = false;
        int numLive = 0;
        long loaded = 0;
        long total = 0;
        for (int rank = 0; rank < ranks.Length; rank++)
        {
            RankReport report = ranks[rank];
            if (report.Generation < key.Generation && Report.State == InstanceState.Forming)
            {
                allTold = false;
                continue;
            }

            if (report.Generation != key.Generation)
            {
                Fail($"Rank {rank} is at generation {report.Generation}.");
                return;
            }

            if (report.State == InstanceState.Failed)
            {
                Fail(ranks.Length == 1 ? report.Error ?? "" : $"Rank {rank}: {report.Error}");
                return;
            }

            allReady &= report.State is InstanceState.Ready or InstanceState.Draining;
            anyDrains |= report.State == InstanceState.Draining;
            numLive += report.NumLive;
            loaded += report.LoadedBytes;
            total += report.TotalBytes;
        }

        if (!allTold)
        {
            return;
        }

        Report = Report with
        {
            Worker = ranks[0].Worker,
            State = !allReady ? InstanceState.Loading : anyDrains ? InstanceState.Draining : InstanceState.Ready,
            NumLive = numLive,
            LoadedBytes = loaded,
            TotalBytes = total,
            Limits = allReady ? ranks[0].Limits : null,
        };
    }
}
