namespace Dynamo.Hosting.Telemetry;

/// <summary>What the process says of itself to those who watch it. Not to be changed once the host is built.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Value of the label <c>dynamo_namespace</c>, where the process is of no cluster that has a name.</summary>
    /// <value>Default <c>dynamo</c>.</value>
    public string Namespace { get; set; } = "dynamo";

    /// <summary>Upper bounds of histogram buckets by metric name, ascending, in the metric's unit; a metric that is not named here has its own.</summary>
    /// <value>Default none.</value>
    public IReadOnlyDictionary<string, double[]> Buckets { get; set; } = new Dictionary<string, double[]>();

    /// <summary>What the environment says (<c>DYN_METRICS_…</c>, as Dynamo).</summary>
    /// <param name="variable">An environment variable's value, or <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">Names every variable that cannot be read.</exception>
    public static TelemetryOptions FromEnvironment(Func<string, string?> variable)
    {
        List<string> faults = [];
        TelemetryOptions options = new() { Buckets = BucketVariables.Read(variable, faults) };
        return faults.Count == 0 ? options : throw new ArgumentException(string.Join(" ", faults));
    }
}
