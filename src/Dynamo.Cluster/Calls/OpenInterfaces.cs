using System.Collections.Concurrent;
using Dynamo.Abstractions;

namespace Dynamo.Cluster.Calls;

/// <summary>What Orleans clients outside the cluster may call: interfaces with <see cref="OpenToClientsAttribute"/>, and those of Orleans without which no client works. Thread-safe.</summary>
internal static class OpenInterfaces
{
    private static readonly ConcurrentDictionary<Type, bool> Known = [];

    /// <summary>Whether methods of this interface may be called.</summary>
    public static bool Contain(Type type) =>
        Known.GetOrAdd(type, static type => type.IsDefined(typeof(OpenToClientsAttribute), inherit: false) || IsNeeded(type));

    /// <summary>Whether this is how a caller cancels its call.</summary>
    public static bool IsCancellation(Type type) => IsOfOrleans(type) && type.FullName == "Orleans.Runtime.IGrainCallCancellationExtension";

    // Known by name: the first two are not public.
    private static bool IsNeeded(Type type) =>

        // Cancelling; of whose calls is checked on its own.
        IsCancellation(type)

        // The list of grain types, asked for on connecting.
        || (IsOfOrleans(type) && type.FullName == "Orleans.Runtime.IClusterManifestSystemTarget")

        // Streaming from a grain; what is streamed is checked on its own.
        || type == typeof(IAsyncEnumerableGrainExtension);

    private static bool IsOfOrleans(Type type) => type.Assembly.GetName().Name is "Orleans.Core" or "Orleans.Core.Abstractions" or "Orleans.Runtime";
}
