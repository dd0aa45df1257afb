using Dynamo.Serving.Dispatch;
using Dynamo.Serving.Streams;

namespace Dynamo.Serving.Generation;

/// <summary>Starts sequences: routes each by the model's router grain, submits it to an instance's grain, and follows it through the response plane.</summary>
internal sealed class Generator(StreamTable streams, StreamKeeper keeper, Dispatcher dispatcher) : IGenerator
{
    public async Task<ISequenceStream> StartAsync(string model, SequenceSpec sequence, CancellationToken cancellationToken)
    {
        SequenceStream stream = new(model, sequence, keeper);
        streams.Add(stream);
        bool isStarted = false;
        try
        {
            await dispatcher.DispatchAsync(stream, notAt: null, cancellationToken);
            isStarted = true;
            return stream;
        }
        finally
        {
            if (!isStarted)
            {
                await stream.DisposeAsync();
            }
        }
    }
}
