using Dynamo.Protocol.Frames;

namespace Dynamo.Worker.Telemetry;

/// <summary>Counts the work of one worker. Thread-safe.</summary>
internal sealed class WorkMeter(WorkInstruments instruments, string worker, KeyValuePair<string, object?>[] labels)
{
    /// <summary>The worker.</summary>
    public string Worker => worker;

    /// <summary>A request has come.</summary>
    public void OnRequest(int numBytes) => instruments.RequestBytes.Add(numBytes, labels);

    /// <summary>A frame has gone.</summary>
    public void OnFrame(int numBytes) => instruments.ResponseBytes.Add(numBytes, labels);

    /// <summary>A sequence is over.</summary>
    /// <param name="duration">Since it came.</param>
    /// <param name="end">How.</param>
    public void OnEnded(TimeSpan duration, WorkEnd end)
    {
        if (end == WorkEnd.Refused)
        {
            return;
        }

        instruments.Requests.Add(1, labels);
        instruments.Duration.Record(duration.TotalSeconds, labels);
        if (end == WorkEnd.Cancelled)
        {
            instruments.Cancellations.Add(1, labels);
        }
        else if (end is WorkEnd.Failed or WorkEnd.Unheard)
        {
            instruments.Errors.Add(1, [.. labels, new("error_type", end == WorkEnd.Failed ? "generate" : "publish_response")]);
        }
    }
}

/// <summary>How the work on a sequence ended.</summary>
internal enum WorkEnd
{
    /// <summary>The engine has finished the sequence.</summary>
    Finished,

    /// <summary>The engine could not compute the sequence.</summary>
    Failed,

    /// <summary>The sequence's frontend did not want it any longer.</summary>
    Cancelled,

    /// <summary>The worker is leaving: the sequence goes on elsewhere.</summary>
    GivenBack,

    /// <summary>The sequence's frontend was out of reach for too long.</summary>
    Unheard,

    /// <summary>The sequence never began: the engine has no room for it or cannot run it.</summary>
    Refused,
}

/// <summary>Ends as the engine says them.</summary>
internal static class WorkEnds
{
    /// <summary>What a finish reason means here.</summary>
    public static WorkEnd Of(FinishReason reason) => reason switch
    {
        FinishReason.Error => WorkEnd.Failed,
        FinishReason.Aborted => WorkEnd.Cancelled,
        FinishReason.Interrupted => WorkEnd.GivenBack,
        _ => WorkEnd.Finished,
    };
}
