using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Requests;

namespace Dynamo.Cluster.Serving;

/// <summary>What a stream asks for when it is over. Called under the stream's lock: returns at once.</summary>
internal interface IStreamOwner
{
    /// <summary>Frames of this sequence are not waited for any more.</summary>
    void Forget(RequestId id);

    /// <summary>The worker shall end the sequence.</summary>
    void Abort(InstanceKey instance, SequenceAttempt sequence);
}
