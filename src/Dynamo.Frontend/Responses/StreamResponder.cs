using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Generation;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Responses;

/// <summary>
/// Sends an answer as it is made: one flush for all that is there. While the client takes it slowly, what comes is gathered, and goes out as
/// one chunk for each choice.
/// </summary>
internal sealed class StreamResponder(AnswerFormat format, Answer answer, TimeProvider time, TimeSpan keepAlive)
{
    private readonly State[] _states = new State[answer.Choices.Length];
    private int _numRunning = answer.Choices.Length;
    private volatile bool _wasSilent;
    private volatile bool _keepAliveIsDue;

    /// <summary>Sends the stream to its end.</summary>
    /// <returns><see langword="false"/> when it ended with an error event.</returns>
    /// <exception cref="OperationCanceledException">The client left.</exception>
    public async Task<bool> RunAsync(HttpContext context)
    {
        CancellationToken clientGone = context.RequestAborted;
        using EventStream stream = new(context.Response);
        await using ITimer timer = time.CreateTimer(static state => ((StreamResponder)state!).OnTick(), this, keepAlive, keepAlive);
        await stream.OpenAsync(clientGone);
        while (true)
        {
            await answer.News.WaitAsync();
            clientGone.ThrowIfCancellationRequested();
            bool hasFailed = !WriteNews(stream);
            bool isOver = hasFailed || _numRunning == 0;
            if (hasFailed)
            {
                stream.WriteError(ApiException.Internal($"The answer cannot be completed; the server's log says why (response {format.Id})."));
            }

            if (isOver)
            {
                WriteEnd(stream, withUsage: !hasFailed);
            }
            else if (_keepAliveIsDue)
            {
                _keepAliveIsDue = false;
                stream.WriteKeepAlive();
            }

            if (stream.HasUnsent)
            {
                _wasSilent = false;
                await stream.FlushAsync(clientGone);
            }

            if (isOver)
            {
                return !hasFailed;
            }
        }
    }

    // Returns false when a choice has failed.
    private bool WriteNews(EventStream stream)
    {
        for (int i = 0; i < _states.Length; i++)
        {
            if (_states[i] == State.Ended)
            {
                continue;
            }

            Choice choice = answer.Choices[i];
            lock (choice.Gate)
            {
                if (choice.NumTokens > 0 || choice.IsComplete)
                {
                    format.WriteNews(stream, choice, isFirst: _states[i] == State.Silent);
                    _states[i] = State.Begun;
                }

                if (choice.HasFailed)
                {
                    return false;
                }

                if (choice.IsComplete)
                {
                    _states[i] = State.Ended;
                    _numRunning--;
                }
            }
        }

        return true;
    }

    private void WriteEnd(EventStream stream, bool withUsage)
    {
        if (withUsage && answer.Plan.IncludeUsage)
        {
            format.WriteUsage(stream, answer.Choices);
        }

        stream.WriteDone();
    }

    // Comes from a timer. Two ticks without anything sent in between are a silence.
    private void OnTick()
    {
        if (_wasSilent)
        {
            _keepAliveIsDue = true;
            answer.News.Ring();
        }

        _wasSilent = true;
    }

    private enum State : byte
    {
        Silent,
        Begun,
        Ended,
    }
}
