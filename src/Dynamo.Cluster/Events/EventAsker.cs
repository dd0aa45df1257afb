using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Security.Handshake;

namespace Dynamo.Cluster.Events;

/// <summary>
/// Asks workers for what their streams miss: one question to each at a time, and again a while after one that failed. Not thread-safe, and answers are
/// passed on where the question was put.
/// </summary>
internal sealed partial class EventAsker(string model, EventCounts counts, TimeProvider time, ILogger logger, CancellationToken closing)
{
    /// <summary>Lists read at the same time, so that a router that starts beside a thousand workers still routes.</summary>
    public const int MaxListing = 8;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly RepeatedFaults _faults = new(time);
    private int _numListing;

    /// <summary>Asks a worker if there is something to ask. Never throws.</summary>
    public void Check(ListenedWorker worker)
    {
        bool mayAsk = !worker.IsAsking && (worker.FailedAt is not { } failedAt || time.GetElapsedTime(failedAt) >= RetryDelay);
        if (mayAsk && worker.Stream.NextAsk().Kind != EventAskKind.None)
        {
            _ = AskAllAsync(worker);
        }
    }

    /// <summary>A worker is no longer listened to; what it still answers is of no interest.</summary>
    public void Forget(ListenedWorker worker)
    {
        worker.IsGone = true;
        EndListing(worker);
    }

    // Asks until there is nothing to ask, a question fails, or others are read first.
    private async Task AskAllAsync(ListenedWorker worker)
    {
        worker.IsAsking = true;
        bool isAnswered = true;
        while (isAnswered && !worker.IsGone && worker.Stream.NextAsk() is { Kind: not EventAskKind.None } ask && MayAsk(worker, ask))
        {
            isAnswered = await TryAskAsync(worker, ask);
            if (!isAnswered || worker.Stream.NextAsk().Kind != EventAskKind.Page)
            {
                EndListing(worker);
            }
        }

        worker.IsAsking = false;
        worker.FailedAt = isAnswered ? null : time.GetTimestamp();
    }

    private bool MayAsk(ListenedWorker worker, EventAsk ask)
    {
        if (ask.Kind == EventAskKind.Page && !worker.IsListing)
        {
            if (_numListing >= MaxListing)
            {
                return false;
            }

            worker.IsListing = true;
            _numListing++;
        }

        return true;
    }

    private void EndListing(ListenedWorker worker)
    {
        if (worker.IsListing)
        {
            worker.IsListing = false;
            _numListing--;
        }
    }

    // A question that its answer leaves open has failed, too: nothing else would keep it from being asked without end.
    private async Task<bool> TryAskAsync(ListenedWorker worker, EventAsk ask)
    {
        try
        {
            bool isAnswered = ask.Kind == EventAskKind.Events ? await AskEventsAsync(worker, ask.From) : await AskPageAsync(worker, (int)ask.From);
            bool isOpen = isAnswered && worker.Stream.NextAsk() == ask;
            counts.NumFailedAsks += isOpen ? 1 : 0;
            return isAnswered && !isOpen;
        }
        catch (Exception e)
        {
            // Whatever it is, it is this one worker's, and the next attempt may fare better.
            counts.NumFailedAsks++;
            if (!closing.IsCancellationRequested && _faults.Count($"{worker.Stream.Worker}", out int numOmitted))
            {
                LogNotAnswered(e, worker.Stream.Worker, model, numOmitted);
            }

            return false;
        }
    }

    private async Task<bool> AskEventsAsync(ListenedWorker worker, long first)
    {
        counts.NumEventAsks++;
        EventBatch? answer = await worker.Source.EventsAsync(first).WaitAsync(Timeout, time, closing);
        if (answer is not null && !worker.IsGone)
        {
            worker.Stream.OnEvents(first, answer);
        }

        return answer is not null;
    }

    private async Task<bool> AskPageAsync(ListenedWorker worker, int from)
    {
        KVBlockPage? page = await worker.Source.PageAsync(from).WaitAsync(Timeout, time, closing);
        if (page is not null && !worker.IsGone)
        {
            worker.Stream.OnPage(from, page);
        }

        return page is not null;
    }

    [LoggerMessage(LogLevel.Warning, "Worker {Worker} of model {Model} did not answer what it holds; it is asked again. {NumOmitted} more since this was last said.")]
    private partial void LogNotAnswered(Exception exception, WorkerId worker, string model, int numOmitted);
}
