namespace Dynamo.Simulation.Machines;

/// <summary>A step, as it would be reported.</summary>
/// <param name="Milliseconds">Its duration.</param>
/// <param name="NumPrefillTokens">Prompt tokens computed.</param>
/// <param name="NumDecodeSequences">Sequences that decode one token.</param>
/// <param name="NumActiveBlocks">Blocks that sequences hold, a shared one once.</param>
internal readonly record struct SimulatedStep(double Milliseconds, int NumPrefillTokens, int NumDecodeSequences, int NumActiveBlocks);
