using Dynamo.Protocol.Load;
using Dynamo.Serving.Dispatch;
using Dynamo.Serving.Streams;

namespace Dynamo.Serving.Migration;

/// <summary>Moves sequences to another worker: with prompt and all tokens so far, the text goes on as if nothing had happened. Thread-safe.</summary>
internal sealed partial class StreamMover(Dispatcher dispatcher, MigrationOptions options, MigrationInstruments instruments, TimeProvider time, ILogger<StreamMover> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>Moves a sequence that has left its worker; returns at once.</summary>
    public void Move(SequenceStream stream, WorkerId from) => _ = MoveAsync(stream, from);

    private async Task MoveAsync(SequenceStream stream, WorkerId from)
    {
        if (++stream.NumMoves > options.Limit)
        {
            stream.Fail($"Worker {from} was lost, and a request is moved at most {options.Limit} times (--migration-limit).");
            return;
        }

        long start = time.GetTimestamp();
        bool hadTokens = stream.HasTokens;
        using CancellationTokenSource timeout = new(options.Timeout, time);
        WorkerId? notAt = from;
        string reason = "none has answered";
        while (!stream.IsOver)
        {
            try
            {
                await dispatcher.DispatchAsync(stream, notAt, timeout.Token);
                instruments.OnMoved(stream.Model, hadTokens);
                LogMoved(stream.Id.ToString(), from, stream.Worker, time.GetElapsedTime(start).TotalMilliseconds);
                return;
            }
            catch (Exception e) when (e is NoWorkerException or OverloadedException)
            {
                // What was accepted is not given up because workers are scarce for a moment. Once there was no other, the same one will do.
                reason = e.Message;
                notAt = null;
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                stream.AbandonAttempt();
            }
            catch (Exception e)
            {
                stream.Fail($"Worker {from} was lost, and the request cannot go on elsewhere: {e.Message}");
                return;
            }

            if (timeout.IsCancellationRequested)
            {
                stream.Abandon($"Worker {from} was lost, and no other took over within {options.Timeout.TotalSeconds:0} s: {reason}");
                return;
            }

            await Task.Delay(RetryDelay, time);
        }
    }

    [LoggerMessage(LogLevel.Information, "Sequence {Sequence} went from worker {From} to {To} in {Milliseconds:0.0} ms.")]
    private partial void LogMoved(string sequence, WorkerId from, WorkerId to, double milliseconds);
}
