using System.Net;
using Dynamo.Abstractions;

namespace Dynamo.Diagnostics;

/// <summary>Looks at the cluster from inside (one grain, key 0), for an operator's tool that is a client.</summary>
[Alias("dynamo.IDiagnosticsGrain"), OpenToClients]
public interface IDiagnosticsGrain : IGrainWithIntegerKey
{
    /// <summary>Asks every member how it is and lets it try to reach every other one. Answers within seconds, whatever hangs.</summary>
    /// <param name="caller">A further address that members try, where the caller listens for them; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">The caller has left: members stop trying.</param>
    [Alias("Examine")]
    Task<ClusterDiagnosis> ExamineAsync(IPEndPoint? caller, CancellationToken cancellationToken);
}
