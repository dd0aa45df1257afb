using System.Runtime.InteropServices;

namespace Dynamo.Torch.Native;

/// <summary>
/// libtorch's stable C interface, as far as it is used here: declared in torch/csrc/inductor/aoti_torch/c/shim.h and shim_cpu.h and
/// torch/csrc/stable/c/shim.h of libtorch 2.10. Every function returns 0, or another number after printing its reason to standard error.
/// </summary>
/// <remarks>A handle is an owned tensor; delete it with <see cref="DeleteTensor"/>. Call <see cref="TorchLibrary.EnsureLoaded"/> first.</remarks>
internal static unsafe partial class Aoti
{
    private const int CpuDevice = 0;
    private const int NoDeviceIndex = -1;

    /// <summary>A tensor over memory that stays the caller's: row-major [rows, columns].</summary>
    public static nint FromBlob(void* data, long rows, long columns, int dtype)
    {
        long* sizes = stackalloc long[] { rows, columns };
        long* strides = stackalloc long[] { columns, 1 };
        Check(aoti_torch_create_tensor_from_blob(data, 2, sizes, strides, 0, dtype, CpuDevice, NoDeviceIndex, out nint tensor), "create_tensor_from_blob");
        return tensor;
    }

    /// <summary>A tensor over memory that stays the caller's: [length].</summary>
    public static nint FromBlob(void* data, long length, int dtype)
    {
        long size = length;
        long stride = 1;
        Check(aoti_torch_create_tensor_from_blob(data, 1, &size, &stride, 0, dtype, CpuDevice, NoDeviceIndex, out nint tensor), "create_tensor_from_blob");
        return tensor;
    }

    /// <summary>Address of a tensor's first element.</summary>
    public static void* DataOf(nint tensor)
    {
        Check(aoti_torch_get_data_ptr(tensor, out void* data), "get_data_ptr");
        return data;
    }

    /// <summary>Gives up a tensor.</summary>
    public static void DeleteTensor(nint tensor) => Check(aoti_torch_delete_tensor_object(tensor), "delete_tensor_object");

    /// <summary>Repacks a weight [out, in] into oneDNN's own layout; the result is opaque and only good for <see cref="Linear"/>.</summary>
    public static nint ReorderLinearWeight(nint weight)
    {
        // The dispatcher's stack: the tensor (which it takes over), then "batch_size: None". The result comes back in slot 0.
        Check(aoti_torch_new_tensor_handle(weight, out nint owned), "new_tensor_handle");
        ulong* stack = stackalloc ulong[] { (ulong)owned, 0 };
        fixed (byte* name = "mkldnn::_reorder_linear_weight\0"u8)
        fixed (byte* overload = "\0"u8)
        {
            Check(torch_call_dispatcher(name, overload, stack, aoti_torch_abi_version()), "mkldnn::_reorder_linear_weight");
        }

        return (nint)stack[0];
    }

    /// <summary>x [M, in] times a packed weight [out, in] transposed, plus bias [out] when there is one: a new tensor [M, out].</summary>
    /// <param name="x">Input.</param>
    /// <param name="packedWeight">From <see cref="ReorderLinearWeight"/>.</param>
    /// <param name="bias">A tensor, or 0.</param>
    public static nint Linear(nint x, nint packedWeight, nint bias)
    {
        fixed (byte* none = "none\0"u8)
        {
            Check(
                aoti_torch_cpu__linear_pointwise(x, packedWeight, bias == 0 ? null : &bias, none, null, 0, null, out nint result),
                "mkldnn::_linear_pointwise");
            return result;
        }
    }

    /// <summary>Runs a body over [begin, end) on libtorch's own threads; returns when all parts are done.</summary>
    public static void ParallelFor(long begin, long end, long grain, delegate* unmanaged<long, long, void*, void> body, void* context) =>
        Check(torch_parallel_for(begin, end, grain, body, context), "parallel_for");

    /// <summary>libtorch's number for bfloat16.</summary>
    [LibraryImport(TorchLibrary.Name, EntryPoint = "aoti_torch_dtype_bfloat16")]
    public static partial int BFloat16();

    /// <summary>libtorch's number for float32.</summary>
    [LibraryImport(TorchLibrary.Name, EntryPoint = "aoti_torch_dtype_float32")]
    public static partial int Float32();

    [LibraryImport(TorchLibrary.Name)]
    private static partial int aoti_torch_create_tensor_from_blob(
        void* data, long ndim, long* sizes, long* strides, long offset, int dtype, int deviceType, int deviceIndex, out nint tensor);

    [LibraryImport(TorchLibrary.Name)]
    private static partial int aoti_torch_get_data_ptr(nint tensor, out void* data);

    [LibraryImport(TorchLibrary.Name)]
    private static partial int aoti_torch_delete_tensor_object(nint tensor);

    [LibraryImport(TorchLibrary.Name)]
    private static partial int aoti_torch_new_tensor_handle(nint original, out nint tensor);

    [LibraryImport(TorchLibrary.Name)]
    private static partial ulong aoti_torch_abi_version();

    [LibraryImport(TorchLibrary.Name)]
    private static partial int torch_call_dispatcher(byte* name, byte* overload, ulong* stack, ulong abiVersion);

    [LibraryImport(TorchLibrary.Name)]
    private static partial int aoti_torch_cpu__linear_pointwise(
        nint x, nint weight, nint* bias, byte* attribute, double** scalars, long numScalars, byte** algorithm, out nint result);

    [LibraryImport(TorchLibrary.Name)]
    private static partial int torch_parallel_for(long begin, long end, long grain, delegate* unmanaged<long, long, void*, void> body, void* context);

    private static void Check(int code, string function)
    {
        if (code != 0)
        {
            Throw(code, function);
        }

        static void Throw(int code, string function) =>
            throw new InvalidOperationException($"libtorch: {function} failed with code {code}; its reason is on standard error.");
    }
}
