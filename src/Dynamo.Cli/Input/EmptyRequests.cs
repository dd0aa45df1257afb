namespace Dynamo.Cli.Input;

/// <summary>Says how many requests of a trace have nothing to serve, so that nobody wonders where they are.</summary>
internal static class EmptyRequests
{
    /// <summary>One line; none when there are none.</summary>
    public static void Tell(TextWriter log, string trace, int count)
    {
        if (count > 0)
        {
            log.WriteLine($"dynamo: {count} {(count == 1 ? "request" : "requests")} of {trace} without prompt or without output {(count == 1 ? "is" : "are")} left out");
        }
    }
}
