using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Wire;

namespace Dynamo.Serving.Generation;

/// <summary>Takes the frames of all workers for the streams of this silo.</summary>
internal sealed class FrontendService(GrainId id, Silo silo, ILoggerFactory loggers, StreamTable streams) : GrainService(id, silo, loggers), IFrontendService
{
    public Task<SequenceAttempt[]> DeliverAsync(WireMessage frame) => Task.FromResult(streams.Accept(WireFormat.DecodeStepFrame(frame.Bytes)));
}
