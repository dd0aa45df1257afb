using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>
/// A cluster of two frontends and three workers that the tests of the collection hurt one after the other, and the right answers. Where there can be
/// network namespaces, each process is on a machine of its own.
/// </summary>
public sealed class FaultFixture : IAsyncLifetime
{
    private IReadOnlyList<StreamAnswer> _expected = [];
    private FaultCluster? _cluster;

    /// <inheritdoc/>
    public async Task InitializeAsync() => _expected = await Undisturbed.AnswersAsync(Subject.Current);

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_cluster is { } cluster)
        {
            await cluster.DisposeAsync();
        }
    }

    /// <summary>Does a fault once for each round, on a cluster that is whole before. The fault itself must see that the cluster is whole again.</summary>
    /// <param name="output">The test's output.</param>
    /// <param name="fault">Does it; gets the cluster and the number of the round.</param>
    internal async Task RunAsync(ITestOutputHelper output, Func<FaultRun, Task> fault)
    {
        for (int i = 0; i < FaultReport.NumRounds; i++)
        {
            _cluster ??= await FaultCluster.StartAsync(Subject.Current, network: NetworkNamespaces.WhyNot is null ? new NetworkNamespaces() : null);
            FaultRun run = new(_cluster, _expected, i, output);
            try
            {
                await fault(run);
                await _cluster.HealAsync();
            }
            catch
            {
                // What is broken shall not break the tests after it.
                output.WriteLine(_cluster.Logs());
                await _cluster.DisposeAsync();
                _cluster = null;
                throw;
            }
        }
    }
}

/// <summary>Tests that share the cluster; one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class FaultCollection : ICollectionFixture<FaultFixture>
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "faults";
}
