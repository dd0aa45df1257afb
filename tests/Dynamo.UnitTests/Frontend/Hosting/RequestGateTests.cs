using System.Text;
using Dynamo.Cluster.Membership;
using Dynamo.Frontend.Admission;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend.Hosting;

public sealed class RequestGateTests
{
    private readonly NodeState _state = new(NodePhase.Starting);
    private readonly RequestGate _gate;

    public RequestGateTests() => _gate = new RequestGate(_state);

    [Theory]
    [InlineData("/live")]
    [InlineData("/health")]
    [InlineData("/HEALTH")]
    [InlineData("/ping")]
    [InlineData("/metrics")]
    [InlineData("/version")]
    [InlineData("/openapi.json")]
    public async Task HowTheProcessIs_CanBeAskedAtAnyTime(string path)
    {
        foreach (NodePhase phase in Enum.GetValues<NodePhase>())
        {
            _state.Enter(phase);
            OpenRequest request = new(_gate, path: path);

            Assert.True(request.HasPassed);
            Assert.Equal(0, _gate.NumRunning);
            await request.EndAsync();
        }
    }

    [Theory]
    [InlineData(NodePhase.Starting, "/v1/completions", "starting")]
    [InlineData(NodePhase.Starting, "/admin/workers", "starting")]
    [InlineData(NodePhase.Serving, "/v1/completions", null)]
    [InlineData(NodePhase.Serving, "/admin/workers", null)]
    [InlineData(NodePhase.Leaving, "/v1/completions", "shutting_down")]
    [InlineData(NodePhase.Leaving, "/V1/completions", "shutting_down")]
    [InlineData(NodePhase.Leaving, "/admin/workers", null)]
    public async Task OtherPaths_AreOpenToMembers_AndOperatorsAlsoWhileItLeaves(NodePhase phase, string path, string? refusal)
    {
        _state.Enter(phase);
        FakeRequest request = new(path);
        using MemoryStream body = new();
        request.Context.Response.Body = body;
        bool hasPassed = false;

        await _gate.InvokeAsync(request.Context, _ =>
        {
            hasPassed = true;
            return Task.CompletedTask;
        });

        Assert.Equal(refusal is null, hasPassed);
        Assert.Equal(refusal is null ? 200 : 503, request.Context.Response.StatusCode);
        Assert.Equal(refusal is null ? "" : "1", request.Context.Response.Headers.RetryAfter.ToString());
        Assert.Contains(refusal is null ? "" : $"\"code\":\"{refusal}\"", Encoding.UTF8.GetString(body.ToArray()));
    }

    // A client that keeps its connection would ask the same process again and again.
    [Fact]
    public async Task WhoIsRefusedByOneThatLeaves_MakesANewConnection()
    {
        _state.Enter(NodePhase.Leaving);
        OpenRequest request = new(_gate);
        await request.EndAsync();

        Assert.Equal("close", request.Response.Headers.Connection.ToString());
    }

    [Fact]
    public async Task Requests_AreKnownWhileTheyRun_HoweverTheyEnd()
    {
        _state.Enter(NodePhase.Serving);
        OpenRequest first = new(_gate);
        OpenRequest second = new(_gate);
        OpenRequest operators = new(_gate, path: "/admin/workers");
        _state.Enter(NodePhase.Leaving);
        OpenRequest refused = new(_gate);
        Assert.Equal((2, false), (_gate.NumRunning, refused.HasPassed));

        await first.EndAsync();
        Assert.Equal(1, _gate.NumRunning);
        await Assert.ThrowsAsync<InvalidOperationException>(() => second.FailAsync(new InvalidOperationException()));
        Assert.Equal(0, _gate.NumRunning);
        await operators.EndAsync();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void End_TellsAll_AndCutsOffStreamsThatCanGoOnElsewhere(bool canResume, bool isStreamCutOff)
    {
        _state.Enter(NodePhase.Serving);
        OpenRequest stream = new(_gate, hasStarted: true);
        OpenRequest whole = new(_gate);

        _gate.End(canResume);

        Assert.True(_gate.Over.IsCancellationRequested);
        Assert.Equal((isStreamCutOff, false), (stream.IsCutOff, whole.IsCutOff));
    }

    [Fact]
    public async Task Abort_CutsOffWhatStillRuns()
    {
        _state.Enter(NodePhase.Serving);
        OpenRequest ended = new(_gate);
        await ended.EndAsync();
        OpenRequest stream = new(_gate, hasStarted: true);
        OpenRequest whole = new(_gate);

        _gate.Abort();

        Assert.Equal((false, true, true), (ended.IsCutOff, stream.IsCutOff, whole.IsCutOff));
        Assert.False(_gate.Over.IsCancellationRequested);
    }
}
