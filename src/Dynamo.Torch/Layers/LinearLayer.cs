namespace Dynamo.Torch.Layers;

/// <summary>
/// A linear layer, weights in memory of its own. A row of its result is the same bits whatever the other rows, so that a sequence's logits
/// do not depend on its batch (<see cref="Cpu.SelfTest"/> checks it at every start).
/// </summary>
/// <typeparam name="T">Element of input and output.</typeparam>
internal abstract unsafe class LinearLayer<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Columns of the input.</summary>
    public abstract int NumInputs { get; }

    /// <summary>Columns of the output.</summary>
    public abstract int NumOutputs { get; }

    /// <summary>Computes [numRows, NumInputs] → [numRows, NumOutputs].</summary>
    /// <param name="input">Row-major input.</param>
    /// <param name="numRows">Rows, at least 1.</param>
    /// <returns>The output; dispose it when it has been read.</returns>
    public abstract LinearResult<T> Forward(T* input, int numRows);

    /// <inheritdoc/>
    public abstract void Dispose();
}
