namespace Dynamo.Abstractions.Instances;

/// <summary>A thin handle on one GPU of one silo (key: <see cref="RankKey"/>). It holds nothing: the engine lives in the silo's engine host.</summary>
[Alias("dynamo.IRankGrain")]
public interface IRankGrain : IGrainWithStringKey
{
    /// <summary>Begins to load; returns at once. The same generation again changes nothing.</summary>
    /// <exception cref="StaleGenerationException">This GPU has seen a higher generation.</exception>
    [Alias("Load")]
    Task LoadAsync(RankSpec spec);

    /// <summary>How the rank is.</summary>
    [Alias("Report")]
    Task<RankReport> ReportAsync();

    /// <summary>Stops the engine of this generation; returns at once. Another generation is left alone.</summary>
    [Alias("Stop")]
    Task StopAsync(long generation);
}
