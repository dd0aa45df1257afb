using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

[Collection(FaultCollection.Name)]
[Trait("Category", "Fault")]
public sealed class UndisturbedTests(FaultFixture fixture, ITestOutputHelper output)
{
    [FaultFact]
    public Task NoFault_ThreeWorkersAndTwoFrontendsSayWhatOneOfEachSays() => fixture.RunAsync(output, static async run =>
    {
        StreamLoad load = run.Cluster.StartLoad(options => options with { NumTokens = run.Cluster.Subject.MaxTokens });
        await load.AllBeganAsync();
        Assert.True(load.NumInFlight > StreamLoadOptions.NumRequests / 2, $"only {load.NumInFlight} streams run at once");
        await run.JudgeAsync("nothing", load);
    });
}
