namespace Dynamo.Simulation.Traces;

/// <summary>A trace cannot be read; the message names the line and what is wrong with it.</summary>
public sealed class TraceException(string message, Exception? innerException = null) : Exception(message, innerException);
