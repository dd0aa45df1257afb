namespace Dynamo.Simulation.Configuration;

/// <summary>What was asked for cannot be simulated; the message says why.</summary>
public sealed class SimulationException(string message) : Exception(message);
