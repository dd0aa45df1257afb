using Dynamo.Cluster.Membership;
using Dynamo.Frontend.Access;
using Dynamo.Frontend.Admission;
using Dynamo.Frontend.Errors;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend.Hosting;

public sealed class RequestGateTests
{
    private readonly NodeState _state = new(NodePhase.Starting);
    private readonly RequestGate _gate;

    public RequestGateTests() => _gate = new RequestGate(_state);

    [Fact]
    public async Task WhatIsForEverybody_CanBeAskedAtAnyTime()
    {
        foreach (NodePhase phase in Enum.GetValues<NodePhase>())
        {
            _state.Enter(phase);
            OpenRequest request = new(_gate, audience: Audience.Everybody);

            Assert.True(request.HasPassed);
            Assert.Equal(0, _gate.NumRunning);
            await request.EndAsync();
        }
    }

    // A client that keeps its connection would ask the same process that leaves again and again.
    [Theory]
    [InlineData(NodePhase.Starting, Audience.Clients, "starting", false)]
    [InlineData(NodePhase.Starting, Audience.Operators, "starting", false)]
    [InlineData(NodePhase.Serving, Audience.Clients, null, false)]
    [InlineData(NodePhase.Serving, Audience.Operators, null, false)]
    [InlineData(NodePhase.Leaving, Audience.Clients, "shutting_down", true)]
    [InlineData(NodePhase.Leaving, Audience.Operators, null, false)]
    internal async Task OtherPaths_AreOpenToMembers_AndOperatorsAlsoWhileItLeaves(NodePhase phase, Audience audience, string? refusal, bool endsConnection)
    {
        _state.Enter(phase);
        OpenRequest request = new(_gate, audience: audience);
        ApiException? refused = await Record.ExceptionAsync(request.EndAsync) as ApiException;

        Assert.Equal(refusal is null, request.HasPassed);
        Assert.Equal((refusal, endsConnection), (refused?.Code, refused?.EndsConnection ?? false));
        Assert.Equal(refusal is null ? 200 : 503, refused?.Status ?? 200);
        Assert.Equal(refusal is null ? null : TimeSpan.FromSeconds(1), refused?.RetryAfter);
    }

    [Fact]
    public async Task Requests_AreKnownWhileTheyRun_HoweverTheyEnd()
    {
        _state.Enter(NodePhase.Serving);
        OpenRequest first = new(_gate);
        OpenRequest second = new(_gate);
        OpenRequest operators = new(_gate, audience: Audience.Operators);
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
