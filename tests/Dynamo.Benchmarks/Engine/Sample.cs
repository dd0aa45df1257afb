namespace Dynamo.Benchmarks.Engine;

/// <summary>One cell in one round: both engines, one after the other, between two looks at the memory's speed.</summary>
/// <param name="Ours">Tokens per second.</param>
/// <param name="Llama">Tokens per second of llama.cpp, when it is there.</param>
/// <param name="OfRoofline">The least time at the probed speeds over our time.</param>
/// <param name="OutsideRunner">Share of a decode step that scheduling, sampling and output took.</param>
/// <param name="IsCalm">Whether the memory's speed was the same before and after.</param>
internal sealed record Sample(double Ours, double? Llama, double OfRoofline, double OutsideRunner, bool IsCalm);
