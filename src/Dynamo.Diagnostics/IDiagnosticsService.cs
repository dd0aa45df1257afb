using System.Net;
using Orleans.Services;

namespace Dynamo.Diagnostics;

/// <summary>Looks at the cluster from one silo; on every silo.</summary>
[Alias("dynamo.IDiagnosticsService")]
public interface IDiagnosticsService : IGrainService
{
    /// <summary>Says how this silo is and tries these addresses, all at once.</summary>
    /// <param name="peers">The addresses.</param>
    /// <param name="cancellationToken">The caller has left: stops trying.</param>
    [Alias("Examine")]
    Task<SiloDiagnosis> ExamineAsync(IPEndPoint[] peers, CancellationToken cancellationToken);
}
