using System.Text.RegularExpressions;
using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>Redis comes back without the cluster's members: Orleans would form a second cluster beside the first.</summary>
[Collection(FaultCollection.Name)]
[Trait("Category", "Fault")]
public sealed partial class EmptyStoreTests(FaultFixture fixture, ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [FaultFact]
    public Task RedisBackEmpty_ServesOnRefusesToGrowAndIsWholeAgainByTheWayOutThatItNames() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        StreamLoad load = cluster.StartLoad(static options => options with { NumStreams = StreamLoadOptions.NumSteady, IsContinuous = true });
        await load.AllBeganAsync();
        await cluster.Redis.KillAsync();
        cluster.Redis.Empty();
        await cluster.Redis.StartAsync();
        long fault = FaultRun.Now;
        ClusterNode[] nodes = [.. cluster.Workers, .. cluster.Frontends];
        await Task.WhenAll(nodes.Select(static node => node.PrintedAsync("came back empty")));

        await using ChildProcess newcomer = cluster.StartNewcomer();
        Assert.NotEqual(0, await newcomer.ExitedAsync(Limit));
        Assert.Contains("joining now would make a second cluster", newcomer.Output);
        await load.AnsweredSinceAsync(fault, StreamLoadOptions.NumRequests);
        await run.JudgeAsync("Redis back empty", load, fault);

        Match wayOut = WayOut().Match(cluster.Frontends[0].Output);
        Assert.True(wayOut.Success, "the message names the command that undoes the refusal");
        foreach (ClusterNode node in nodes)
        {
            node.Send(Signal.Terminate);
        }

        await Task.WhenAll(nodes.Select(static node => node.ExitedAsync()));
        string[] words = wayOut.Groups["command"].Value.Split(' ');
        await using ChildProcess command = ChildProcess.Start("way out", words[0], words[1..]);
        Assert.Equal(0, await command.ExitedAsync(Limit));
        await cluster.HealAsync();
        await run.JudgeAsync("Redis back empty: after the way out", cluster.StartLoad());
    });

    [GeneratedRegex(@"stop all processes of the cluster, run '(?<command>[^']+)' and start them again")]
    private static partial Regex WayOut();
}
