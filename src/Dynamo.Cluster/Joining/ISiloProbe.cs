namespace Dynamo.Cluster.Joining;

/// <summary>Probes silos at their addresses. Thread-safe.</summary>
internal interface ISiloProbe
{
    /// <summary>Probes once; takes two seconds at most.</summary>
    /// <param name="silo">Where.</param>
    /// <param name="isShown">Redis has heard from the silo just now, so a process that listens is taken for the silo; else it must prove the cluster key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<SiloSign> ProbeAsync(SiloAddress silo, bool isShown, CancellationToken cancellationToken);
}
