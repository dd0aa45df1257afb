namespace Dynamo.Benchmarks.Serving;

/// <summary>A chunk of an answer's body, or all of it.</summary>
/// <param name="BodyStart">Where it begins in the body.</param>
/// <param name="DataStart">Where its data begin in the answer's bytes.</param>
/// <param name="DataEnd">Where they end.</param>
/// <param name="End">Where its framing ends.</param>
internal readonly record struct HttpPart(int BodyStart, int DataStart, int DataEnd, int End);
