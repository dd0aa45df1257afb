using System.Collections.Concurrent;
using Dynamo.Abstractions;

namespace Dynamo.Cluster.Security.Clients;

/// <summary>What Orleans clients outside the cluster may call: interfaces with <see cref="OpenToClientsAttribute"/>, and those of Orleans without which no client works. Thread-safe.</summary>
internal static class OpenInterfaces
{
    private static readonly ConcurrentDictionary<Type, bool> Known = [];

    /// <summary>Whether methods of this interface may be called.</summary>
    public static bool Contain(Type type) =>
        Known.GetOrAdd(type, static type => type.IsDefined(typeof(OpenToClientsAttribute), inherit: false) || IsNeeded(type));

    // Two of the three are not public, so they are known by name.
    private static bool IsNeeded(Type type) =>
        type.Assembly.GetName().Name is "Orleans.Core" or "Orleans.Core.Abstractions" && type.FullName is

            // The list of grain types, asked for on connecting.
            "Orleans.Runtime.IClusterManifestSystemTarget" or

            // Cancelling a call, by a number of 128 random bits that only the caller knows.
            "Orleans.Runtime.ICancellationSourcesExtension" or

            // Streaming from a grain; what is streamed is checked on its own.
            "Orleans.Runtime.IAsyncEnumerableGrainExtension";
}
