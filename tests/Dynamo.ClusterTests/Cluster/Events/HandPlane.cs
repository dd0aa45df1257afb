using System.Threading.Channels;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Planes;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Wire;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>A plane on which a test takes each batch by hand.</summary>
internal sealed class HandPlane : IEventPlane
{
    private readonly Channel<(EventBatch Batch, TaskCompletionSource<bool> Answer)> _offered = Channel.CreateUnbounded<(EventBatch, TaskCompletionSource<bool>)>();
    private TaskCompletionSource<bool>? _open;

    public async ValueTask<bool> TryPublishAsync(string model, WorkerId worker, WireMessage batch, CancellationToken cancellationToken)
    {
        TaskCompletionSource<bool> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _offered.Writer.TryWrite((WireFormat.DecodeEventBatch(batch.Bytes), answer));
        return await answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Waits for a batch; it is under way until it is answered.</summary>
    public async Task<EventBatch> NextAsync()
    {
        (EventBatch batch, _open) = await _offered.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        return batch;
    }

    /// <summary>Answers the last batch.</summary>
    public void Answer(bool isTaken) => _open!.SetResult(isTaken);
}
