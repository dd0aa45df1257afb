using Dynamo.Engine.Loop;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Wire;
using Dynamo.Worker.Responses;
using Xunit;

namespace Dynamo.ClusterTests.Worker.Responses;

public sealed class FrameBuilderTests
{
    private static readonly RequestId A = new(new Guid(1, 0, 0, new byte[8]));
    private static readonly RequestId B = new(new Guid(2, 0, 0, new byte[8]));

    private readonly FrameBuilder _builder = new(new WorkerId(7), 3);

    [Fact]
    public void TokensOfSeveralSteps_BecomeOneDeltaASequence()
    {
        StepFrame frame = Build([Token(A, 4, 10), Token(B, 0, 20), Token(A, 5, 11), Token(A, 6, 12) with { FinishReason = FinishReason.Stop }]);

        Assert.Equal(2, frame.Deltas.Count);
        Assert.Equal((A, 4, FinishReason.Stop), (frame.Deltas[0].Id, frame.Deltas[0].Position, frame.Deltas[0].FinishReason));
        Assert.Equal([10, 11, 12], frame.Deltas[0].TokenIds);
        Assert.Equal((B, 0, FinishReason.None), (frame.Deltas[1].Id, frame.Deltas[1].Position, frame.Deltas[1].FinishReason));
        Assert.Equal([20], frame.Deltas[1].TokenIds);
    }

    [Fact]
    public void AttemptsOfASequence_StayApart()
    {
        StepFrame frame = Build([Token(A, 0, 10), Token(A, 0, 10) with { Attempt = 2 }]);

        Assert.Equal([1, 2], frame.Deltas.Select(static delta => delta.Attempt));
    }

    [Fact]
    public void EndWithoutAToken_KeepsItsPositionAndError()
    {
        StepFrame frame = Build([Token(A, 9, 0) with { TokenId = null, FinishReason = FinishReason.Error, Error = "gone" }]);

        Assert.Empty(frame.Deltas[0].TokenIds);
        Assert.Equal((9, FinishReason.Error, "gone"), (frame.Deltas[0].Position, frame.Deltas[0].FinishReason, frame.Deltas[0].Error));
    }

    [Fact]
    public void FramesAreNumberedFromOne()
    {
        Assert.Equal([1L, 2L], [Build([]).Number, Build([]).Number]);
    }

    internal static SequenceOutput Token(RequestId id, int position, int token) => new() { Id = id, Attempt = 1, Position = position, TokenId = token };

    private StepFrame Build(List<SequenceOutput> outputs) => WireFormat.DecodeStepFrame(_builder.Build(outputs, Loads.Idle));
}
