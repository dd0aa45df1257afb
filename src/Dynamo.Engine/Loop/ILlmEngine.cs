using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Engine.Loop;

/// <summary>A running engine: continuous batching over one model. All methods are thread-safe and return at once.</summary>
public interface ILlmEngine : IAsyncDisposable
{
    /// <summary>Starts the engine thread, which loads the model and then serves. Call once.</summary>
    void Start();

    /// <summary>Adds a sequence.</summary>
    /// <param name="request">The sequence; tokens and parameters are checked.</param>
    /// <param name="tag">Comes back with every output of the sequence.</param>
    SubmitResult Submit(GenerationRequest request, object? tag);

    /// <summary>
    /// Ends a sequence if it is still here in this attempt or an older one; its blocks are free before the next step is scheduled.
    /// The step that is running may still report a token of it; nothing after.
    /// </summary>
    void Abort(RequestId id, int attempt);

    /// <summary>Load after the last step.</summary>
    LoadReport Load { get; }
}
