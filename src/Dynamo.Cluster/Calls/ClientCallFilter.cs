using Dynamo.Security.Handshake;
using Orleans.Serialization.Invocation;

namespace Dynamo.Cluster.Calls;

/// <summary>
/// Refuses what Orleans clients outside the cluster may not call: by itself Orleans lets any client deactivate any grain and call any service.
/// Calls of silos pass. A peer names itself, so this holds against clients that keep to Orleans' protocol; strangers are kept out by the cluster key.
/// </summary>
internal sealed partial class ClientCallFilter(RepeatedFaults faults, ILogger<ClientCallFilter> logger) : IIncomingGrainCallFilter
{
    // Grain calls from code in a silo come from a client too, one with this at the start of its name.
    private static ReadOnlySpan<byte> InSilo => "hosted-"u8;

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.SourceId is { } source && source.IsClient() && !IsInSilo(source) && Closed(source, context.Request, context.InterfaceMethod.DeclaringType!) is { } closed)
        {
            if (faults.Count($"{closed} {context.InterfaceMethod.Name}", out int numOmitted))
            {
                LogRefused(source, closed.Name, context.InterfaceMethod.Name, context.TargetId, numOmitted);
            }

            throw new UnauthorizedAccessException($"{closed.Name}.{context.InterfaceMethod.Name} is not open to clients outside the cluster.");
        }

        return context.Invoke();
    }

    private static bool IsInSilo(GrainId source) => source.Key.AsSpan().StartsWith(InSilo);

    // A stream is asked for by a call inside the call, which no filter sees.
    private static Type? Closed(GrainId source, IInvokable request, Type declaring)
    {
        if (!OpenInterfaces.Contain(declaring))
        {
            return declaring;
        }

        if (declaring == typeof(IAsyncEnumerableGrainExtension))
        {
            for (int i = 0; i < request.GetArgumentCount(); i++)
            {
                if (request.GetArgument(i) is IInvokable inner && !OpenInterfaces.Contain(inner.GetInterfaceType()))
                {
                    return inner.GetInterfaceType();
                }
            }
        }

        // Names the caller and a number that is easily guessed.
        return OpenInterfaces.IsCancellation(declaring) && !source.Equals(request.GetArgument(0)) ? declaring : null;
    }

    [LoggerMessage(LogLevel.Warning, "Client {Client} may not call {Interface}.{Method} of {Target}; refused. {NumOmitted} more since this was last said.")]
    private partial void LogRefused(GrainId client, string @interface, string method, GrainId target, int numOmitted);
}
