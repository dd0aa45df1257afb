namespace Dynamo.Benchmarks.Engine;

/// <summary>One cell in one round: both engines, one after the other, between two looks at the memory's speed.</summary>
/// <param name="Seconds">Our time.</param>
/// <param name="LlamaSeconds">llama.cpp's time, when it is there.</param>
/// <param name="BytesPerSecond">Memory's speed, the mean of before and after.</param>
/// <param name="Drift">How far it moved in between, of the faster.</param>
/// <param name="OthersShare">Share of the processors that other programs took meanwhile.</param>
/// <param name="OutsideRunner">Share of our decode steps that scheduling, sampling and output took.</param>
internal sealed record Sample(double Seconds, double? LlamaSeconds, double BytesPerSecond, double Drift, double OthersShare, double OutsideRunner)
{
    private const double MaxDrift = 0.15;
    private const double MaxOthersShare = 0.05;

    /// <summary>Whether the machine was ours and steady enough for the round to count.</summary>
    public bool IsCalm => Drift <= MaxDrift && OthersShare <= MaxOthersShare;
}
