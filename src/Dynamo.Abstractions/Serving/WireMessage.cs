namespace Dynamo.Abstractions.Serving;

/// <summary>Bytes in the project's own codec (<see cref="Protocol.Wire.WireFormat"/>). The bytes are not changed after they are sent, so a call inside a silo copies nothing.</summary>
/// <param name="Bytes">The message.</param>
[GenerateSerializer, Immutable, Alias("dynamo.WireMessage")]
public readonly record struct WireMessage([property: Id(0)] byte[] Bytes);
