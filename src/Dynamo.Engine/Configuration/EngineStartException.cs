namespace Dynamo.Engine.Configuration;

/// <summary>The engine cannot start with these settings on this machine; the message is one line that says which, the numbers and what to do.</summary>
public sealed class EngineStartException(string message) : Exception(message);
