using Dynamo.Serving.Generation;
using Dynamo.Serving.Streams;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>Has the sequences that the test says, and continues them as the test says.</summary>
internal sealed class ScriptedResumer : IStreamResumer
{
    public IReadOnlyList<FoundSequence> Found { get; set; } = [];

    /// <summary>Continues a sequence behind its first tokens.</summary>
    public Func<FoundSequence, int, ISequenceStream> Resume { get; set; } = static (_, _) => throw new NoWorkerException("no worker");

    public Task<IReadOnlyList<FoundSequence>> FindAsync(string responseId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<FoundSequence>>([.. Found.Where(sequence => sequence.Origin.ResponseId == responseId)]);

    public Task<ISequenceStream> ResumeAsync(FoundSequence sequence, int position, CancellationToken cancellationToken) =>
        Task.FromResult(Resume(sequence, position));
}
