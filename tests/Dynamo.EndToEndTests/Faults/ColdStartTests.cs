using System.Diagnostics;
using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>Every process dies at once, as when the power fails, and new ones start on other ports.</summary>
[Collection(FaultCollection.Name)]
[Trait("Category", "Fault")]
public sealed class ColdStartTests(FaultFixture fixture, ITestOutputHelper output)
{
    // 8 s on a machine with the cores that its processes need; seven of them compile at once on two here. Orleans alone takes 90 s and more.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(LongRounds.AreOn ? 60 : 85);

    // What a process says when nothing is wrong, and the rows that were found.
    private const int MaxLines = 20;

    [FaultFact]
    public Task AllProcessesKilled_NewOnesServeWithoutWaitingForTheDead() => fixture.RunAsync(output, async run =>
    {
        await KillAllAsync(run.Cluster);
        await StartAllAsync(run, "kill -9 all processes, others started");
    });

    [LongNetworkFaultFact]
    public Task HostsOfAllWorkersRebootedWithOtherAddresses_NewProcessesServeWithoutWaitingForTheDead() => fixture.RunAsync(output, async run =>
    {
        await KillAllAsync(run.Cluster);
        for (int i = 0; i < run.Cluster.Workers.Count; i++)
        {
            run.Cluster.Move(i);
        }

        await StartAllAsync(run, "all hosts rebooted, workers' with other addresses");
    });

    [LongFaultFact]
    public Task RedisPutBackOlderThanTheProcesses_NewProcessesServeWithoutWaitingForTheDead() => fixture.RunAsync(output, async run =>
    {
        FaultCluster cluster = run.Cluster;
        cluster.Redis.Keep();
        await KillAllAsync(cluster);
        await cluster.HealAsync();
        await KillAllAsync(cluster);
        await cluster.Redis.KillAsync();
        cluster.Redis.PutBack();
        await cluster.Redis.StartAsync();
        await StartAllAsync(run, "kill -9 all processes, Redis put back older than they are");
    });

    private static async Task KillAllAsync(FaultCluster cluster)
    {
        ClusterNode[] nodes = [.. cluster.Workers, .. cluster.Frontends];
        foreach (ClusterNode node in nodes)
        {
            node.Send(Signal.Kill);
        }

        await Task.WhenAll(nodes.Select(static node => node.ExitedAsync()));
    }

    private async Task StartAllAsync(FaultRun run, string name)
    {
        FaultCluster cluster = run.Cluster;
        long start = Stopwatch.GetTimestamp();
        await cluster.HealAsync();
        TimeSpan passed = Stopwatch.GetElapsedTime(start);
        output.WriteLine($"round {run.Round + 1}, {name}: all serve {passed.TotalSeconds:0.0} s after the first was started");

        ClusterNode[] nodes = [.. cluster.Workers, .. cluster.Frontends];
        Assert.InRange(passed, TimeSpan.Zero, Limit);
        Assert.All(nodes, static node => Assert.True(NumLines(node) <= MaxLines, $"{NumLines(node)} lines until it served:\n{node.Output}"));
        await run.JudgeAsync($"{name}: the next 64 requests", cluster.StartLoad());
        Assert.All(nodes, static node => Assert.DoesNotContain("   at ", node.Output));
    }

    private static int NumLines(ClusterNode node) =>
        node.Output.Split('\n').Count(static line => line.Length > 0 && !line.StartsWith("loading weights", StringComparison.Ordinal));
}
