using Dynamo.Engine.Mock;
using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine;

public sealed class EngineLoopTests
{
    [Fact]
    public void Step_NothingToDo_IsFalse()
    {
        using LoopDriver driver = new(numBlocks: 4);

        Assert.False(driver.Step());
    }

    [Fact]
    public void Step_OneSequence_TellsEachTokenWithItsPositionAndTheEnd()
    {
        using LoopDriver driver = new(numBlocks: 4);
        GenerationRequest request = Of(1, Prompt(5), Greedy with { MaxTokens = 3 });
        driver.Submit(request);
        driver.RunToEnd();

        Answer answer = driver.Listener.Of(request);
        Assert.Equal(MockText.Of(request, LoopDriver.VocabularySize), answer.Tokens);
        Assert.Equal([0, 1, 2], answer.Positions);
        Assert.Equal((FinishReason.Length, null), (answer.FinishReason, answer.Error));
    }

    [Fact]
    public void Step_EosToken_IsTheLastTokenTold()
    {
        GenerationRequest request = Of(1, Prompt(5), Greedy with { MaxTokens = 10 });
        List<int> text = MockText.Of(request, LoopDriver.VocabularySize);
        request = request with { Sampling = request.Sampling with { EosTokenIds = [text[2]] } };
        using LoopDriver driver = new(numBlocks: 4);
        driver.Submit(request);
        driver.RunToEnd();

        Assert.Equal(text[..(text.IndexOf(text[2]) + 1)], driver.Listener.Of(request).Tokens);
        Assert.Equal(FinishReason.Stop, driver.Listener.Of(request).FinishReason);
    }

    [Fact]
    public void Take_AbortBeforeItsSubmit_TheSequenceNeverRuns()
    {
        using LoopDriver driver = new(numBlocks: 4);
        GenerationRequest request = Of(1, Prompt(5));
        Sequence sequence = new(request, null, driver.MaxModelLength);

        driver.Take(sequence, isAbort: true);
        driver.Take(sequence, isAbort: false);

        Assert.False(driver.Step());
        Assert.Empty(driver.Listener.Of(request).Tokens);
        Assert.Equal(SequenceState.Finished, sequence.State);
    }

    [Fact]
    public void Take_AbortOfOneThatHasEnded_ChangesNothing()
    {
        using LoopDriver driver = new(numBlocks: 4);
        Sequence sequence = driver.Submit(Of(1, Prompt(5), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();

        driver.Take(sequence, isAbort: true);
        driver.Take(sequence, isAbort: true);

        Assert.Equal(0, driver.Load.NumUsedBlocks);
    }

    [Fact]
    public void Take_Abort_BlocksAreFreeBeforeTheNextStep()
    {
        using LoopDriver driver = new(numBlocks: 4);
        Sequence sequence = driver.Submit(Of(1, Prompt(20)));
        driver.Step();
        Assert.Equal((3, 1), (driver.Load.NumUsedBlocks, driver.Load.NumRunning));

        driver.Abort(sequence);

        Assert.Equal((0, 0), (driver.Load.NumUsedBlocks, driver.Load.NumRunning));
        Assert.False(driver.Step());
        Assert.Equal(FinishReason.None, driver.Listener.Of(Id(1)).FinishReason);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Step_OneRowWithoutAToken_EndsThatSequenceAlone(float bad)
    {
        // From its third token on, the sequence in the batch's first place gets a bad row.
        MockModelConfig model = new()
        {
            AfterStep = (batch, logits) =>
            {
                if (batch.NumSequences == 2 && batch.Positions[0] == 6)
                {
                    logits[17] = bad;
                }
            },
        };
        using LoopDriver driver = new(numBlocks: 8, model: model);
        GenerationRequest ill = Of(1, Prompt(5));
        GenerationRequest well = Of(2, Prompt(9));
        driver.Submit(ill);
        driver.Submit(well);
        driver.RunToEnd();

        Answer answer = driver.Listener.Of(ill);
        Assert.Equal(FinishReason.Error, answer.FinishReason);
        Assert.Contains("No token can be chosen at position 7", answer.Error);
        Assert.Equal(MockText.Of(ill, LoopDriver.VocabularySize)[..2], answer.Tokens);
        Assert.Equal(MockText.Of(well, LoopDriver.VocabularySize), driver.Listener.Of(well).Tokens);
    }

    [Fact]
    public void Step_FailsAfterASequenceEnded_ItsEndIsStillToldAndTheOthersStayLive()
    {
        Sequence? broken = null;
        MockModelConfig model = new()
        {
            // As if a fault elsewhere had ended the second sequence already: ending it again breaks an invariant.
            AfterStep = (_, _) => broken!.State = SequenceState.Finished,
        };
        LoopDriver driver = new(numBlocks: 8, model: model);
        driver.Submit(Of(1, Prompt(5), Greedy with { MaxTokens = 1 }));
        broken = driver.Submit(Of(2, Prompt(9), Greedy with { MaxTokens = 1 }));

        Assert.Throws<InvalidOperationException>(() => driver.Step());
        driver.Dispose();

        Assert.Equal((FinishReason.Length, 1), (driver.Listener.Of(Id(1)).FinishReason, driver.Listener.Of(Id(1)).Tokens.Count));
        Assert.Equal(FinishReason.None, driver.Listener.Of(Id(2)).FinishReason);
        Assert.Equal(1, driver.NumLive);
    }

    [Fact]
    public void Step_SequenceThatCanNeverFit_FailsInsteadOfWaitingForEver()
    {
        // Admission and pool size rule this out; here the pool is smaller than they allow.
        using LoopDriver driver = new(numBlocks: 2, maxModelLength: 100);
        driver.Submit(Of(1, Prompt(20)));

        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => driver.Step());

        Assert.Contains("1 sequences wait, 0 run and none can be scheduled: 2 of 2 blocks are free", thrown.Message);
    }

    [Fact]
    public void Step_SequenceThatOutgrowsThePool_FailsInsteadOfWaitingForEver()
    {
        using LoopDriver driver = new(numBlocks: 2, maxModelLength: 100);
        driver.Submit(Of(1, Prompt(14), Greedy with { MaxTokens = 50 }));

        Assert.Throws<InvalidOperationException>(driver.RunToEnd);
    }
}
