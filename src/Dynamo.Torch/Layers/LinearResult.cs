using System.Runtime.InteropServices;
using Dynamo.Torch.Native;

namespace Dynamo.Torch.Layers;

/// <summary>Output of a linear layer, in libtorch's memory or our own.</summary>
/// <typeparam name="T">Element.</typeparam>
internal readonly unsafe ref struct LinearResult<T>
    where T : unmanaged
{
    private readonly nint _tensor;

    /// <summary>Takes over a tensor.</summary>
    public LinearResult(nint tensor)
    {
        _tensor = tensor;
        Data = (T*)Aoti.DataOf(tensor);
    }

    /// <summary>Allocates; the content is anything.</summary>
    public LinearResult(long length) => Data = (T*)NativeMemory.AlignedAlloc(checked((nuint)length * (nuint)sizeof(T)), 64);

    /// <summary>Row-major elements.</summary>
    public T* Data { get; }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (_tensor != 0)
        {
            Aoti.DeleteTensor(_tensor);
        }
        else
        {
            NativeMemory.AlignedFree(Data);
        }
    }
}
