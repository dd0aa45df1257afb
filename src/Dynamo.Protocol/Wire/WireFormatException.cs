namespace Dynamo.Protocol.Wire;

/// <summary>Bytes that are not a message of ours, or one of a version that this build does not read. The message says where and why.</summary>
public sealed class WireFormatException(string message) : Exception(message);
