namespace Dynamo.Engine.Execution;

/// <summary>
/// A loaded model that computes steps: the seam between the engine, which knows sequences and blocks, and the tensors below.
/// </summary>
/// <remarks>
/// Thread rule: made, used and disposed on one thread, the engine's. Order of calls: <see cref="Prepare"/> once, then <see cref="Execute"/>.
/// Within one <see cref="NumericsClass"/> a row's logits are the same bits whatever else is in the batch, however the prompt was cut into
/// steps and wherever its blocks lie. In each layer the keys and values of all rows are written before any row looks at them: a sequence may
/// hold blocks that another one of the same batch fills.
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

    /// <summary>Bytes of one KV block over all layers.</summary>
    long KVBytesPerBlock(int blockSize);

    /// <summary>Allocates the KV cache and every buffer that a step needs, and runs each kernel once so that no later step pays for it.</summary>
    /// <param name="limits">Limits of every later batch.</param>
    /// <param name="numBlocks">Blocks of the cache; ids in block tables are 0 to numBlocks - 1.</param>
    /// <exception cref="OutOfMemoryException">The cache does not fit; the message gives its size.</exception>
    void Prepare(StepLimits limits, int numBlocks);

    /// <summary>Computes one step: writes keys and values of its rows to the cache and returns the logits asked for.</summary>
    /// <returns>Float32 [<see cref="StepBatch.NumLogits"/>, vocabulary], row-major, unscaled; the caller may change it; valid until the next call.</returns>
    Span<float> Execute(StepBatch batch);
}
