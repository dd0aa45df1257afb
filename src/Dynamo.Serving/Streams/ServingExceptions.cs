namespace Dynamo.Serving.Streams;

/// <summary>No instance of the model is ready.</summary>
public sealed class NoWorkerException(string message) : Exception(message);

/// <summary>Every instance refuses more work at the moment.</summary>
public sealed class OverloadedException(string message, TimeSpan retryAfter) : Exception(message)
{
    /// <summary>When to try again.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>The request can never run on this model.</summary>
public sealed class RequestRefusedException(string parameter, string message) : Exception(message)
{
    /// <summary>Name of the parameter at fault, as HTTP spells it.</summary>
    public string Parameter { get; } = parameter;
}
