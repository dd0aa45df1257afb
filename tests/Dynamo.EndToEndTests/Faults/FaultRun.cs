using System.Diagnostics;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>One round of a fault: the cluster, and the means to judge what clients saw.</summary>
/// <param name="cluster">The cluster, whole.</param>
/// <param name="expected">Right answers by number of request.</param>
/// <param name="round">Number of the round, from 0.</param>
/// <param name="output">The test's output.</param>
internal sealed class FaultRun(FaultCluster cluster, IReadOnlyList<StreamAnswer> expected, int round, ITestOutputHelper output)
{
    /// <summary>The cluster.</summary>
    public FaultCluster Cluster => cluster;

    /// <summary>Number of the round, from 0.</summary>
    public int Round => round;

    /// <summary>The time now, as records have it.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>Waits for the streams, writes the figures down, and fails unless each is complete and the same as undisturbed, and the fault met enough of them.</summary>
    /// <param name="name">What was done, as the table calls it.</param>
    /// <param name="load">The streams.</param>
    /// <param name="fault">When it was done; <see langword="null"/>: before they began.</param>
    /// <param name="longestGap">How long a stream may stand still after the fault; <see langword="null"/>: any time.</param>
    public async Task JudgeAsync(string name, StreamLoad load, long? fault = null, TimeSpan? longestGap = null)
    {
        IReadOnlyList<StreamRecord> records = await load.EndAsync();
        FaultRound result = FaultRound.Judge(records, expected, fault);
        output.WriteLine($"round {round + 1}, {name}: {result}");
        FaultReport.Write(name, cluster.Subject.Name, result);
        result.AssertExact();
        if (fault is not null)
        {
            result.AssertInFlight(load.NumClients / 2);
        }

        if (longestGap is { } limit)
        {
            result.AssertGap(limit);
        }
    }
}
