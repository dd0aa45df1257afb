namespace Dynamo.Serving.Migration;

/// <summary>How often and how long a frontend looks for another worker for a running request.</summary>
public sealed record MigrationOptions
{
    /// <summary>Most moves of one request (<c>--migration-limit</c>), 0 for none.</summary>
    /// <value>Default 8: each worker of a rolling restart moves its requests once.</value>
    public int Limit { get; set; } = 8;

    /// <summary>How long a request waits for a worker to take it over.</summary>
    /// <value>Default 30 s.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
