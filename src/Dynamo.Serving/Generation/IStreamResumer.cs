using Dynamo.Serving.Streams;

namespace Dynamo.Serving.Generation;

/// <summary>Goes on with streamed responses whose frontend is gone; its workers still have their sequences. Thread-safe.</summary>
public interface IStreamResumer
{
    /// <summary>Finds the sequences of a response that run or have ended less than half a minute ago, by ascending index.</summary>
    /// <exception cref="NoWorkerException">Workers that may have them could not be asked.</exception>
    Task<IReadOnlyList<FoundSequence>> FindAsync(string responseId, CancellationToken cancellationToken);

    /// <summary>Continues a sequence behind its first tokens; frames of its earlier attempts are ignored.</summary>
    /// <param name="sequence">What was found.</param>
    /// <param name="position">How many of its output tokens are not wanted again, 0 to those it has.</param>
    /// <param name="cancellationToken">Gives up waiting for admission.</param>
    /// <exception cref="NoWorkerException">No instance of the model is ready.</exception>
    /// <exception cref="OverloadedException">Every instance refuses more work now.</exception>
    Task<ISequenceStream> ResumeAsync(FoundSequence sequence, int position, CancellationToken cancellationToken);
}
