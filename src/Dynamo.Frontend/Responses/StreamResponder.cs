using Dynamo.Frontend.Generation;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Responses;

/// <summary>
/// Sends an answer as it is made: one flush for all that is there. While the client takes it slowly, what comes is gathered, and goes out as
/// one chunk for each choice.
/// </summary>
/// <param name="format">How the API shapes it.</param>
/// <param name="answer">The answer.</param>
/// <param name="progress">What the client has already.</param>
/// <param name="time">Clock of keep-alives.</param>
/// <param name="keepAlive">Silence after which one is due.</param>
internal sealed class StreamResponder(AnswerFormat format, Answer answer, StreamProgress progress, TimeProvider time, TimeSpan keepAlive)
{
    private volatile bool _wasSilent;
    private volatile bool _keepAliveIsDue;

    /// <summary>Sends the stream to its end.</summary>
    /// <returns><see langword="false"/> when it ended with an error event.</returns>
    /// <exception cref="OperationCanceledException">The client left.</exception>
    public async Task<bool> RunAsync(HttpContext context)
    {
        CancellationToken clientGone = context.RequestAborted;
        using EventStream stream = new(context.Response, progress);
        await using ITimer timer = time.CreateTimer(static state => ((StreamResponder)state!).OnTick(), this, keepAlive, keepAlive);
        await stream.OpenAsync(clientGone);
        if (!progress.HasAny)
        {
            AnnotationWriter.Write(stream, answer);
        }

        while (true)
        {
            await answer.News.WaitAsync();
            clientGone.ThrowIfCancellationRequested();
            bool hasFailed = !WriteNews(stream);
            bool isOver = hasFailed || HasEndedAll();
            if (hasFailed)
            {
                stream.WriteError(answer.Failure(format.Id));
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
        for (int i = 0; i < answer.Choices.Length; i++)
        {
            if (progress.HasEnded(i))
            {
                continue;
            }

            Choice choice = answer.Choices[i];
            lock (choice.Gate)
            {
                if (choice.NumTokens > 0 || choice.IsComplete)
                {
                    format.WriteNews(stream, choice);
                }

                if (choice.HasFailed)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool HasEndedAll()
    {
        for (int i = 0; i < answer.Choices.Length; i++)
        {
            if (!progress.HasEnded(i))
            {
                return false;
            }
        }

        return true;
    }

    private void WriteEnd(EventStream stream, bool withUsage)
    {
        if (withUsage && answer.Plan.IncludeUsage && !progress.HasUsage)
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
}
