namespace Dynamo.Abstractions.Instances;

/// <summary>Somebody acts for a generation that is over: a newer one has taken its place.</summary>
[GenerateSerializer, Alias("dynamo.StaleGenerationException")]
public sealed class StaleGenerationException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="asked">Generation that was asked for.</param>
    /// <param name="current">Generation that is there.</param>
    public StaleGenerationException(long asked, long current)
        : base($"Generation {asked} is over; this engine host is at generation {current}.")
    {
        Asked = asked;
        Current = current;
    }

    /// <summary>Generation that was asked for.</summary>
    [Id(0)]
    public long Asked { get; }

    /// <summary>Generation that is there.</summary>
    [Id(1)]
    public long Current { get; }
}
