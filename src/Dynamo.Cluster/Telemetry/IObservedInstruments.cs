namespace Dynamo.Cluster.Telemetry;

/// <summary>
/// Instruments that are only looked at: nobody records with them, so nobody needs them to be there. A host makes all that are among its services when it starts.
/// </summary>
public interface IObservedInstruments;
