using Dynamo.Protocol.Frames;
using Dynamo.Serving.Streams;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>A client that goes away frees what it had.</summary>
public sealed class CancelTests : FrontendTest
{
    [Fact]
    public async Task ClientLeaves_InAStream_TheSequenceIsAborted()
    {
        HttpResponseMessage response = await ChatAsync("\"stream\":true");
        ScriptedSequence sequence = await Generator.NextAsync();
        sequence.Emit("4");
        await new EventReader(response).NextAsync();

        response.Dispose();

        await sequence.Disposed;
    }

    [Fact]
    public async Task ClientLeaves_WithSeveralChoices_AllAreAborted()
    {
        HttpResponseMessage response = await ChatAsync("\"stream\":true,\"n\":3");
        ScriptedSequence[] sequences = [await Generator.NextAsync(), await Generator.NextAsync(), await Generator.NextAsync()];
        sequences[1].Emit("4", FinishReason.Length);

        response.Dispose();

        await Task.WhenAll(sequences.Select(static sequence => sequence.Disposed));
    }

    [Fact]
    public async Task ClientLeaves_WaitingForAWholeAnswer_TheSequenceIsAborted()
    {
        using CancellationTokenSource leaving = new();
        Task<HttpResponseMessage> asking = Host.SendAsync("/v1/completions", """{"model":"demo","prompt":"Hi"}""", leaving.Token);
        ScriptedSequence sequence = await Generator.NextAsync();

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await sequence.Disposed;
    }

    [Fact]
    public async Task ClientLeaves_BeforeAdmission_WaitingIsGivenUp()
    {
        TaskCompletionSource waiting = new();
        TaskCompletionSource givenUp = new();
        Generator.Admit = async (_, cancellationToken) =>
        {
            await using CancellationTokenRegistration registration = cancellationToken.Register(givenUp.SetResult);
            waiting.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        };
        using CancellationTokenSource leaving = new();
        Task<HttpResponseMessage> asking = Host.SendAsync("/v1/completions", """{"model":"demo","prompt":"Hi"}""", leaving.Token);
        await waiting.Task.WaitAsync(Waiting.Limit);

        await leaving.CancelAsync();

        await givenUp.Task.WaitAsync(Waiting.Limit);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task ClientLeaves_OneChoiceAdmittedAndOneNot_TheAdmittedOneIsAborted()
    {
        TaskCompletionSource waiting = new();
        Generator.Admit = async (sequence, cancellationToken) =>
        {
            if (sequence.Spec.Sampling.Seed == 1)
            {
                waiting.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
        };
        using CancellationTokenSource leaving = new();
        Task<HttpResponseMessage> asking = Host.SendAsync("/v1/completions", """{"model":"demo","prompt":"Hi","n":2,"seed":0}""", leaving.Token);
        ScriptedSequence admitted = await Generator.NextAsync();
        await waiting.Task.WaitAsync(Waiting.Limit);

        await leaving.CancelAsync();

        await admitted.Disposed;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task OneChoiceRefused_TheAdmittedOnesAreAborted()
    {
        Generator.Admit = static (sequence, _) =>
            sequence.Spec.Sampling.Seed == 1 ? throw new OverloadedException("busy", TimeSpan.FromSeconds(2)) : Task.CompletedTask;

        using HttpResponseMessage response = await CompleteAsync("\"n\":2,\"seed\":0");

        Assert.Equal(529, (int)response.StatusCode);
        await (await Generator.NextAsync()).Disposed;
    }

    [Fact]
    public async Task OneChoiceRefused_TheOthersDoNotWaitAnyLonger()
    {
        Generator.Admit = static (sequence, cancellationToken) =>
            sequence.Spec.Sampling.Seed == 1 ? throw new OverloadedException("busy", TimeSpan.FromSeconds(2)) : Task.Delay(Timeout.Infinite, cancellationToken);

        using HttpResponseMessage response = await CompleteAsync("\"n\":2,\"seed\":0");

        Assert.Equal(529, (int)response.StatusCode);
    }

    [Fact]
    public async Task AnswerEnds_TheSequenceIsLetGo()
    {
        ScriptedSequence sequence = await SeenAsync(() => ChatAsync());

        await sequence.Disposed;
    }
}
