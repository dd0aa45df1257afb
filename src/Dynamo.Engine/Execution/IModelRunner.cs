namespace Dynamo.Engine.Execution;

/// <summary>
/// A loaded model that computes steps: tensors, and nothing of sequences. Whoever samples stands above it, see <see cref="IStepExecutor"/>.
/// </summary>
/// <remarks>
/// <para>Thread rule: made, used and disposed on one thread. Order of calls: <see cref="Prepare"/> once, then <see cref="Launch"/> and
/// <see cref="Collect"/>, one for the other; steps are collected in the order of their launches, and at most <see cref="MaxStepsInFlight"/> are
/// launched and not collected.</para>
/// <para>Whether a step is computed in <see cref="Launch"/>, in <see cref="Collect"/> or by a device in between is the runner's affair, and so an
/// error of a step may show in either. After an exception of one of them the runner is dead: nothing but <see cref="IDisposable.Dispose"/> has a
/// promised result.</para>
/// <para>Within one <see cref="NumericsClass"/> a row's logits are the same bits whatever else is in the batch, however the prompt was cut into
/// steps and wherever its blocks lie. In each layer the keys and values of all rows are written before any row looks at them: a sequence may
/// hold blocks that another one of the same batch fills.</para>
/// </remarks>
public interface IModelRunner : IDisposable
{
    /// <summary>Facts of the model.</summary>
    ModelShape Shape { get; }

    /// <summary>
    /// Names everything that rounding depends on (dtype, KV dtype, instruction set, kernels, library); equal names promise equal bits.
    /// Starts with <c>inexact</c> when the start-up self-test failed.
    /// </summary>
    string NumericsClass { get; }

    /// <summary>Most steps that may be launched and not yet collected, at least 1; the same for the runner's life.</summary>
    int MaxStepsInFlight { get; }

    /// <summary>Bytes of one KV block over all layers.</summary>
    long KVBytesPerBlock(int blockSize);

    /// <summary>Allocates the KV cache and every buffer that a step needs, and runs each kernel once so that no later step pays for it.</summary>
    /// <param name="limits">Limits of every later batch.</param>
    /// <param name="numBlocks">Blocks of the cache; ids in block tables are 0 to numBlocks - 1.</param>
    /// <exception cref="OutOfMemoryException">The cache does not fit; the message gives its size.</exception>
    void Prepare(StepLimits limits, int numBlocks);

    /// <summary>
    /// Begins a step, which writes keys and values of its rows to the cache. May return before the step is computed, and may as well compute it.
    /// Steps take effect in the order of their launches: a step sees what earlier ones wrote.
    /// </summary>
    /// <param name="batch">
    /// The step. The caller's again once this returns, to be changed at once: a runner whose kernels are still to read it has copied what they
    /// need, block tables included, and reads nothing of it later.
    /// </param>
    /// <exception cref="InvalidOperationException"><see cref="MaxStepsInFlight"/> steps are in flight, or the runner was not prepared.</exception>
    void Launch(StepBatch batch);

    /// <summary>Waits until the oldest step in flight is computed, and gives the logits that its batch asked for.</summary>
    /// <returns>
    /// Float32 [<see cref="StepBatch.NumLogits"/>, vocabulary], row-major, unscaled; the caller may change it; valid until the next call of
    /// <see cref="Launch"/> or <see cref="Collect"/>.
    /// </returns>
    /// <exception cref="InvalidOperationException">No step is in flight.</exception>
    Span<float> Collect();
}
