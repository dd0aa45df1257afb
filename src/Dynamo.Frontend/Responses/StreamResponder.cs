using Dynamo.Frontend.Generation;
using Dynamo.Frontend.Requests;
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
    // The only choice of an API without openings begins with what there is of it.
    private bool _isOpen = !format.HasOpening && answer.Choices.Length == 1;
    private volatile bool _wasSilent;
    private volatile bool _keepAliveIsDue;

    /// <summary>Sends the stream to its end.</summary>
    /// <returns><see langword="false"/> when it ended with an error event.</returns>
    /// <exception cref="OperationCanceledException">The client left.</exception>
    public async Task<bool> RunAsync(HttpContext context)
    {
        CancellationToken clientGone = context.RequestAborted;
        using EventStream stream = new(context.Response, progress, answer.Plan.Extensions.EventIds);
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
                WriteKeepAlive(stream);
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
        if (!_isOpen && HasNews())
        {
            Open(stream);
        }

        for (int i = 0; i < answer.Choices.Length; i++)
        {
            if (progress.HasEnded(i))
            {
                continue;
            }

            Choice choice = answer.Choices[i];
            lock (choice.Gate)
            {
                if (_isOpen && HasNews(choice))
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

    private bool HasNews()
    {
        for (int i = 0; i < answer.Choices.Length; i++)
        {
            lock (answer.Choices[i].Gate)
            {
                if (HasNews(answer.Choices[i]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool HasNews(Choice choice) => choice.NumTokens > 0 || choice.IsComplete;

    // All choices begin before any says something, in the order of their index: there are clients that keep them in the order of their coming,
    // and clients that count an answer as over when all choices that they know of are. Returns false when all had begun.
    private bool Open(EventStream stream)
    {
        _isOpen = true;
        bool isFirst = false;
        for (int i = 0; i < answer.Choices.Length; i++)
        {
            if (!progress.HasBegun(i))
            {
                isFirst = true;
                lock (answer.Choices[i].Gate)
                {
                    format.WriteOpening(stream, answer.Choices[i]);
                }
            }
        }

        return isFirst;
    }

    // An empty piece of the answer and no comment, which is a broken event to clients that read line by line.
    private void WriteKeepAlive(EventStream stream)
    {
        if (stream.HasUnsent || Open(stream))
        {
            return;
        }

        int running = 0;
        while (progress.HasEnded(running))
        {
            running++;
        }

        lock (answer.Choices[running].Gate)
        {
            format.WriteSilence(stream, answer.Choices[running]);
        }
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
        if (withUsage && answer.Plan.Usage != StreamUsage.None && !progress.HasUsage)
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
