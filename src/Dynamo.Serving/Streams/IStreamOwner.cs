using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;

namespace Dynamo.Serving.Streams;

/// <summary>What a stream asks for at turns of its life. Called under the stream's lock: returns at once.</summary>
internal interface IStreamOwner
{
    /// <summary>The sequence runs at this worker from now on.</summary>
    void Settled(SequenceStream stream);

    /// <summary>The first token of an attempt has come.</summary>
    void Began(SequenceStream stream);

    /// <summary>The first token of an attempt has come from a worker whose text may differ from what the one before would have said.</summary>
    /// <param name="stream">The sequence.</param>
    /// <param name="from">Numerics class of the worker before.</param>
    /// <param name="to">Numerics class of this one.</param>
    void MovedInexactly(SequenceStream stream, string from, string to);

    /// <summary>The worker that ran the sequence gives it back; it must go on elsewhere.</summary>
    void Interrupted(SequenceStream stream);

    /// <summary>The stream is over; frames of it are not waited for any more.</summary>
    void Ended(SequenceStream stream);

    /// <summary>The worker shall end the sequence.</summary>
    void Abort(InstanceKey instance, SequenceAttempt sequence);
}
