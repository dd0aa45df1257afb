namespace Dynamo.Simulation.Configuration;

/// <summary>Whose engine a simulated worker has.</summary>
public enum EngineModel : byte
{
    /// <summary>This project's: its own scheduler and block pool, in virtual time.</summary>
    Own,

    /// <summary>The one that NVIDIA Dynamo's offline simulator simulates.</summary>
    Dynamo,
}
