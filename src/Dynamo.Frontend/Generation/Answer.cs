using Dynamo.Frontend.Admission;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Metrics;
using Dynamo.Frontend.Requests;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Generation;
using Dynamo.Serving.Streams;
using Microsoft.Extensions.Logging;

namespace Dynamo.Frontend.Generation;

/// <summary>
/// All sequences of one request, followed from admission to their end. Disposing it aborts those that still run, which frees their blocks;
/// so does the client's leaving, at any moment.
/// </summary>
internal sealed partial class Answer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly RequestGate _gate;
    private readonly RequestMeter _meter;
    private readonly ILogger _logger;

    private volatile string? _abandoned;

    private Answer(GenerationPlan plan, Choice[] choices, RequestGate gate, RequestMeter meter, ILogger logger, CancellationToken clientGone)
    {
        (Plan, Choices, _gate, _meter, _logger) = (plan, choices, gate, meter, logger);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(clientGone, gate.Over);
    }

    /// <summary>The request.</summary>
    public GenerationPlan Plan { get; }

    /// <summary>Its choices: all of the first prompt, then of the second, and so on.</summary>
    public Choice[] Choices { get; }

    /// <summary>Rings when a choice has news.</summary>
    public News News { get; } = new();

    /// <summary>Completes when all sequences are over.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Starts all sequences and returns once workers have admitted all of them.</summary>
    /// <exception cref="NoWorkerException">No instance of the model is ready.</exception>
    /// <exception cref="OverloadedException">Every instance refuses more work now.</exception>
    /// <exception cref="RequestRefusedException">The engine says that it can never run.</exception>
    /// <exception cref="OperationCanceledException">The client left before, or the process has no more time.</exception>
    /// <param name="generator">Runs sequences.</param>
    /// <param name="id">What the client calls the response.</param>
    /// <param name="plan">The request.</param>
    /// <param name="origin">Makes what workers keep beside a choice's sequence, or <see langword="null"/> when it cannot be resumed.</param>
    /// <param name="gate">Ends it when the process leaves.</param>
    /// <param name="meter">Counts tokens.</param>
    /// <param name="logger">Hears why a sequence failed.</param>
    /// <param name="clientGone">The client has left.</param>
    public static Task<Answer> StartAsync(
        IGenerator generator, string id, GenerationPlan plan, Func<int, RequestOrigin>? origin, RequestGate gate, RequestMeter meter, ILogger logger, CancellationToken clientGone)
    {
        int count = plan.Prompts.Count * plan.NumChoices;
        Choice[] choices = new Choice[count];
        SequenceSpec[] sequences = new SequenceSpec[count];
        for (int i = 0; i < count; i++)
        {
            Prompt prompt = plan.Prompts[i / plan.NumChoices];
            SamplingParameters sampling = plan.ChoiceSampling(prompt, i % plan.NumChoices);
            choices[i] = new Choice(i, plan, prompt, sampling);
            sequences[i] = new SequenceSpec
            {
                PromptTokenIds = prompt.TokenIds,
                Sampling = sampling,
                CacheSalt = plan.CacheSalt,
                Origin = origin?.Invoke(i),
                Name = id,
                Pinned = plan.Extensions.Pinned,
                Overrides = plan.Extensions.Overrides,
                Session = plan.Session,
            };
        }

        Answer answer = new(plan, choices, gate, meter, logger, clientGone);
        return answer.BeginAsync(choices, i => generator.StartAsync(plan.Model.Name, sequences[i], answer._stop.Token));
    }

    /// <summary>Goes on with an answer that another frontend began, and returns once workers have admitted what is left of it.</summary>
    /// <param name="plan">The request.</param>
    /// <param name="choices">Its choices; those that the client has whole are over.</param>
    /// <param name="resume">Continues a choice's sequence.</param>
    /// <param name="gate">Ends it when the process leaves.</param>
    /// <param name="meter">Counts tokens.</param>
    /// <param name="logger">Hears why a sequence failed.</param>
    /// <param name="clientGone">The client has left.</param>
    /// <exception cref="NoWorkerException">No instance of the model is ready.</exception>
    /// <exception cref="OverloadedException">Every instance refuses more work now.</exception>
    public static Task<Answer> ResumeAsync(
        GenerationPlan plan,
        Choice[] choices,
        Func<int, CancellationToken, Task<ISequenceStream>> resume,
        RequestGate gate,
        RequestMeter meter,
        ILogger logger,
        CancellationToken clientGone)
    {
        Answer answer = new(plan, choices, gate, meter, logger, clientGone);
        return answer.BeginAsync([.. choices.Where(static choice => !choice.IsComplete)], i => resume(i, answer._stop.Token));
    }

    /// <summary>What to tell the client of an answer that has failed.</summary>
    /// <param name="id">What it calls the response.</param>
    public ApiException Failure(string id) =>
        _gate.IsLeaving ? ApiException.Leaving()
        : _abandoned is { } reason ? ApiException.Abandoned(reason)
        : ApiException.Internal($"The answer cannot be completed; the server's log says why (response {id}).");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task<Answer> BeginAsync(Choice[] choices, Func<int, Task<ISequenceStream>> start)
    {
        try
        {
            Follow(choices, await AdmitAsync(choices, start));
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task<ISequenceStream[]> AdmitAsync(Choice[] choices, Func<int, Task<ISequenceStream>> start)
    {
        Task<ISequenceStream>[] starting = new Task<ISequenceStream>[choices.Length];
        for (int i = 0; i < choices.Length; i++)
        {
            starting[i] = StartAsync(choices[i].Index);
        }

        try
        {
            return await Task.WhenAll(starting);
        }
        catch
        {
            // One was refused, so none is wanted. Of several ends, WhenAll throws a refusal rather than a cancellation that followed from it.
            foreach (Task<ISequenceStream> started in starting)
            {
                if (started.IsCompletedSuccessfully)
                {
                    await started.Result.DisposeAsync();
                }
            }

            throw;
        }

        async Task<ISequenceStream> StartAsync(int index)
        {
            try
            {
                return await start(index);
            }
            catch
            {
                // The others need not wait any longer.
                _stop.Cancel();
                throw;
            }
        }
    }

    private void Follow(Choice[] choices, ISequenceStream[] streams)
    {
        Task[] followers = new Task[streams.Length];
        for (int i = 0; i < streams.Length; i++)
        {
            choices[i].Route = streams[i].Route;
            followers[i] = FollowAsync(streams[i], choices[i]);
        }

        // A resumed answer may have nothing left to wait for.
        News.Ring();
        Completion = followers.Length == 1 ? followers[0] : Task.WhenAll(followers);
    }

    private async Task FollowAsync(ISequenceStream stream, Choice choice)
    {
        try
        {
            await ReadAsync(stream, choice);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            Fail(choice, "cancelled");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogStreamFailed(_logger, stream.Id.ToString(), e);
            Fail(choice, e.Message);
        }

        if (choice.HasFailed)
        {
            _abandoned ??= stream.Abandoned;

            // An answer is sent whole or not at all, so the others need not go on.
            _stop.Cancel();
        }

        // The abort is on its way before the response is ended.
        Task ending = EndAsync(stream);
        News.Ring();
        await ending;
    }

    private async Task ReadAsync(ISequenceStream stream, Choice choice)
    {
        await using IAsyncEnumerator<SequenceDelta> deltas = stream.ReadAllAsync(_stop.Token).GetAsyncEnumerator();
        bool hasNews = false;
        while (true)
        {
            ValueTask<bool> next = deltas.MoveNextAsync();
            if (hasNews && !next.IsCompleted)
            {
                // What is there already goes out together, and at once when that is all there is.
                hasNews = false;
                News.Ring();
            }

            if (!await next)
            {
                break;
            }

            if (Take(choice, deltas.Current, stream.Route))
            {
                return;
            }

            hasNews = true;
        }

        Fail(choice, "the sequence's stream ended without an end");
    }

    private async Task EndAsync(ISequenceStream stream)
    {
        try
        {
            await stream.DisposeAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The answer does not depend on it any more.
            LogAbortFailed(_logger, stream.Id.ToString(), e);
        }
    }

    private bool Take(Choice choice, SequenceDelta delta, RouteInfo? route)
    {
        lock (choice.Gate)
        {
            choice.Route = route;
            int numTokens = choice.Accept(delta);
            choice.Time(_meter.Elapsed);
            _meter.OnTokens(choice.Index, numTokens);
            if (choice.HasFailed)
            {
                LogSequenceFailed(_logger, delta.Id.ToString(), choice.Error ?? choice.FinishReason.ToString());
            }

            return choice.FinishReason != FinishReason.None;
        }
    }

    private static void Fail(Choice choice, string error)
    {
        lock (choice.Gate)
        {
            choice.Fail(error);
        }
    }

    [LoggerMessage(LogLevel.Error, "Sequence {Id} failed: {Error}")]
    private static partial void LogSequenceFailed(ILogger logger, string id, string error);

    [LoggerMessage(LogLevel.Error, "Aborting sequence {Id} failed")]
    private static partial void LogAbortFailed(ILogger logger, string id, Exception exception);

    [LoggerMessage(LogLevel.Error, "Reading sequence {Id} failed")]
    private static partial void LogStreamFailed(ILogger logger, string id, Exception exception);
}
