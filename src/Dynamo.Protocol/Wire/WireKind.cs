namespace Dynamo.Protocol.Wire;

/// <summary>First byte of a message. Append only.</summary>
internal enum WireKind : byte
{
    StepFrame = 1,
    GenerationRequest = 2,
    KVEvent = 3,
    LoadReport = 4,
    EventBatch = 5,
    KVBlockPage = 6,
}
