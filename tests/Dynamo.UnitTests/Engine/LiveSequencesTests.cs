using Dynamo.Engine.Loop;
using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.Requests;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine;

public sealed class LiveSequencesTests
{
    private readonly LiveSequences _live = new();

    [Fact]
    public void TryAdd_AnOlderAttemptIsThere_ReplacesItEvenWhenFull()
    {
        Sequence first = New(1, 1);
        Sequence second = New(1, 2);
        Assert.Equal(SubmitStatus.Accepted, _live.TryAdd(first, 1, out Sequence? replaced));
        Assert.Null(replaced);

        Assert.Equal(SubmitStatus.Accepted, _live.TryAdd(second, 1, out replaced));

        Assert.Same(first, replaced);
        Assert.Equal(1, _live.Count);
        Assert.False(_live.Remove(first));
        Assert.True(_live.Remove(second));
    }

    [Fact]
    public void TryAdd_Full_IsOverloadedAndADuplicateIsCalledThat()
    {
        _live.TryAdd(New(1, 2), 1, out _);

        Assert.Equal(SubmitStatus.Overloaded, _live.TryAdd(New(2, 1), 1, out _));
        Assert.Equal(SubmitStatus.Duplicate, _live.TryAdd(New(1, 2), 1, out _));
        Assert.Equal(SubmitStatus.Duplicate, _live.TryAdd(New(1, 1), 1, out _));
        Assert.Equal(1, _live.Count);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void RemoveUpTo_Attempt_RemovesThatOrOlder(int attempt, bool removed)
    {
        Sequence sequence = New(1, 2);
        _live.TryAdd(sequence, 1, out _);

        Assert.Equal(removed ? sequence : null, _live.RemoveUpTo(Id(1), attempt));
        Assert.Equal(removed ? 0 : 1, _live.Count);
    }

    [Fact]
    public void RemoveAll_GivesEachOnce()
    {
        _live.TryAdd(New(1, 1), 9, out _);
        _live.TryAdd(New(2, 1), 9, out _);

        Assert.Equal(2, _live.RemoveAll().Length);
        Assert.Empty(_live.RemoveAll());
    }

    private static Sequence New(int id, int attempt) => new(Of(id, Prompt(3)) with { Attempt = attempt }, null, 100);
}
