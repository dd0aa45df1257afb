namespace Dynamo.Hosting;

/// <summary>A process cannot start, for a reason that who started it can mend; the message says it in one line.</summary>
public sealed class NodeStartException(string message, Exception? innerException = null) : Exception(message, innerException);
