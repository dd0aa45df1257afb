namespace Dynamo.Protocol.Wire;

/// <summary>First byte of a message. Append only; 3 and 4 were an event and a load report outside a batch.</summary>
internal enum WireKind : byte
{
    StepFrame = 1,
    GenerationRequest = 2,
    EventBatch = 5,
    KVBlockPage = 6,
}
