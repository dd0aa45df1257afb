using System.Runtime.CompilerServices;
using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Calls;
using Orleans.Runtime.Messaging;
using Orleans.Storage;
using Xunit;

namespace Dynamo.UnitTests.Cluster.Calls;

public sealed class FailedCallsTests
{
    /// <summary>Each exception that a caller can see, and whether it is a rejection and whether it means that the callee is out of reach.</summary>
    public static TheoryData<Exception, bool, bool> Failures => new()
    {
        // The callee's silo died, or a placement found none.
        { new SiloUnavailableException("gone"), true, true },

        // The callee's silo leaves, cannot be connected to, or has passed the call on too often.
        { Rejection(), true, true },

        // Silence.
        { new TimeoutException(), false, true },

        // A client has no gateway.
        { new ConnectionFailedException("no gateway"), false, true },

        // No silo is known to host the grain's type.
        { new ArgumentException("Could not find an implementation"), false, true },

        // No silo is left for the placement; the directory changes hands.
        { new OrleansException("No active nodes are compatible"), false, true },

        // The callee said no, or failed.
        { new InconsistentStateException("another writer"), false, false },
        { new StaleGenerationException(1, 2), false, false },
        { new InvalidOperationException(), false, false },
        { new UnauthorizedAccessException(), false, false },

        // The caller left.
        { new OperationCanceledException(), false, false },
        { new TaskCanceledException(), false, false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Failure_SaysWhetherTheCallWasRejected_AndWhetherTheCalleeIsOutOfReach(Exception failure, bool isRejected, bool isUnreachable) =>
        Assert.Equal((isRejected, isUnreachable), (FailedCalls.IsRejected(failure), FailedCalls.IsUnreachable(failure)));

    // Only Orleans can construct one.
    private static OrleansMessageRejectionException Rejection() =>
        (OrleansMessageRejectionException)RuntimeHelpers.GetUninitializedObject(typeof(OrleansMessageRejectionException));
}
