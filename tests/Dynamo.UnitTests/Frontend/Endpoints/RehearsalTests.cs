using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Endpoints;
using Dynamo.Frontend.Models;
using Dynamo.Serving.Catalog;
using Dynamo.UnitTests.Frontend.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Dynamo.UnitTests.Frontend.Endpoints;

public sealed class RehearsalTests : FrontendTest
{
    [Fact]
    public async Task ModelThatIsLoaded_HasBeenRehearsed_AndNobodyHeardOfIt()
    {
        string[] lines = await ScrapeAsync();

        Assert.True(Host.Services.GetService(typeof(Rehearsal)) is Rehearsal);
        Assert.DoesNotContain(lines, static line => line.StartsWith("dynamo_frontend_requests", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, static line => line.StartsWith("dynamo_frontend_output_tokens_total{", StringComparison.Ordinal));
        Assert.Equal(0, Generator.NumStarted);
    }

    [Fact]
    public async Task Rehearsal_GoesThroughToTheEnd()
    {
        Lines log = new();
        ServedModel model = DemoModel.Served();

        await new Rehearsal(new FrontendOptions(), TimeProvider.System, log).RunAsync(model, ModelText.Load(model, TimeProvider.System));

        Assert.Empty(log.All);
    }

    [Fact]
    public async Task Rehearsal_ThatGoesWrong_SaysSoAndHoldsNothingUp()
    {
        Lines log = new();
        ServedModel model = DemoModel.Served(maxModelLength: 1);

        await new Rehearsal(new FrontendOptions(), TimeProvider.System, log).RunAsync(model, ModelText.Load(model, TimeProvider.System));

        Assert.StartsWith("The rehearsal of model demo failed", Assert.Single(log.All), StringComparison.Ordinal);
    }

    private sealed class Lines : ILogger<Rehearsal>
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add($"{formatter(state, exception)} {exception}");
    }
}
