namespace Dynamo.Benchmarks;

/// <summary>A measurement that cannot be made, or a check that failed; the message is for the user.</summary>
internal sealed class BenchmarkFault(string message) : Exception(message);
