using Orleans.Runtime.Messaging;

namespace Dynamo.Cluster.Calls;

/// <summary>What the failure of a grain call says of the callee. Exceptions that the callee itself throws come through as they are and are neither.</summary>
public static class FailedCalls
{
    /// <summary>
    /// The callee was not reached, or has not answered: the call may be made again, later or elsewhere. Whether it ran is unknown.
    /// </summary>
    /// <remarks>
    /// Orleans 10.4 throws
    /// <list type="bullet">
    /// <item>what <see cref="IsRejected"/> names;</item>
    /// <item><see cref="TimeoutException"/> when no answer came within the response timeout, and so does a caller that waits less long;</item>
    /// <item><see cref="ConnectionFailedException"/> at clients outside the cluster, when there is no gateway;</item>
    /// <item><see cref="ArgumentException"/> from <c>GetGrain</c>, when no silo that is known here hosts the grain's type: no frontend yet, or no worker;</item>
    /// <item><see cref="OrleansException"/> itself, none of its subclasses, when the last such silo left before the grain was placed, or while the grain
    /// directory changes hands. Its subclasses say other things: an <c>InconsistentStateException</c> is the callee's.</item>
    /// </list>
    /// </remarks>
    public static bool IsUnreachable(Exception e) =>
        IsRejected(e) || e is TimeoutException or ConnectionFailedException or ArgumentException || e.GetType() == typeof(OrleansException);

    /// <summary>
    /// Orleans gave the call up and said so: the callee's silo is dead, leaves or cannot be connected to, or a placement found none. Silence is not among
    /// it: a callee that has not answered in time may only be busy.
    /// </summary>
    /// <remarks><see cref="OrleansMessageRejectionException"/>, of which <see cref="SiloUnavailableException"/> is a subclass.</remarks>
    public static bool IsRejected(Exception e) => e is OrleansMessageRejectionException;
}
