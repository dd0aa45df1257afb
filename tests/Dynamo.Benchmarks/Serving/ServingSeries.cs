using Dynamo.Benchmarks.Engine;

namespace Dynamo.Benchmarks.Serving;

/// <summary>A cell and its rounds.</summary>
/// <param name="cell">The cell.</param>
internal sealed class ServingSeries(LoadCell cell)
{
    /// <summary>The cell.</summary>
    public LoadCell Cell => cell;

    /// <summary>Its rounds.</summary>
    public List<ServingSample> Samples { get; } = [];

    /// <summary>Requests that warmed it up before the first round.</summary>
    public int NumWarmUpRequests { get; set; }

    /// <summary>Tokens of a round.</summary>
    public int NumTokens => cell.NumRequests * cell.NumTokens;

    /// <summary>The frontend's CPU time as a multiple of nginx's; <see langword="null"/>: there is no nginx.</summary>
    public Spread? Ratio => Samples is [{ Nginx: not null }, ..] ? Of(static sample => sample.Ratio!.Value) : null;

    /// <summary>A figure over the rounds.</summary>
    public Spread Of(Func<ServingSample, double> figure) => Spread.Of(Samples.Select(figure));
}
