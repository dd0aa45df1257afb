using System.Runtime.InteropServices;

namespace Dynamo.Benchmarks.Llama;

/// <summary>
/// The functions of llama.h that are needed, from one library. Parameter structures grow from version to version, so they are passed as
/// <see cref="LlamaParameters"/>, longer than any of them, with only fields whose place was checked being set.
/// </summary>
/// <remarks>
/// Passing too long a structure by value is sound in the calling conventions of Linux: it lies on the stack (x86-64) or behind a pointer
/// (arm64), and the callee reads the part that it knows.
/// </remarks>
internal sealed unsafe class LlamaApi
{
    private readonly nint _library;

    /// <summary>Loads a library and its backends.</summary>
    /// <param name="path">libllama.so; libggml and its backends are found beside it.</param>
    public LlamaApi(string path)
    {
        _library = NativeLibrary.Load(path);
        LogSet = (delegate* unmanaged<delegate* unmanaged<int, byte*, void*, void>, void*, void>)Export("llama_log_set");
        ModelDefaults = (delegate* unmanaged<LlamaParameters>)Export("llama_model_default_params");
        ContextDefaults = (delegate* unmanaged<LlamaParameters>)Export("llama_context_default_params");
        LoadModel = (delegate* unmanaged<byte*, LlamaParameters, nint>)Export("llama_model_load_from_file");
        InitContext = (delegate* unmanaged<nint, LlamaParameters, nint>)Export("llama_init_from_model");
        AttachThreadPool = (delegate* unmanaged<nint, nint, nint, void>)Export("llama_attach_threadpool");
        SetNumThreads = (delegate* unmanaged<nint, int, int, void>)Export("llama_set_n_threads");
        GetMemory = (delegate* unmanaged<nint, nint>)Export("llama_get_memory");
        ClearMemory = (delegate* unmanaged<nint, byte, void>)Export("llama_memory_clear");
        Decode = (delegate* unmanaged<nint, LlamaBatch, int>)Export("llama_decode");
        Logits = (delegate* unmanaged<nint, int, float*>)Export("llama_get_logits_ith");
        SystemInfo = (delegate* unmanaged<byte*>)Export("llama_print_system_info");
        SupportsGpu = (delegate* unmanaged<byte>)Export("llama_supports_gpu_offload");
    }

    public delegate* unmanaged<delegate* unmanaged<int, byte*, void*, void>, void*, void> LogSet { get; }

    public delegate* unmanaged<LlamaParameters> ModelDefaults { get; }

    public delegate* unmanaged<LlamaParameters> ContextDefaults { get; }

    public delegate* unmanaged<byte*, LlamaParameters, nint> LoadModel { get; }

    public delegate* unmanaged<nint, LlamaParameters, nint> InitContext { get; }

    public delegate* unmanaged<nint, nint, nint, void> AttachThreadPool { get; }

    public delegate* unmanaged<nint, int, int, void> SetNumThreads { get; }

    public delegate* unmanaged<nint, nint> GetMemory { get; }

    public delegate* unmanaged<nint, byte, void> ClearMemory { get; }

    public delegate* unmanaged<nint, LlamaBatch, int> Decode { get; }

    public delegate* unmanaged<nint, int, float*> Logits { get; }

    public delegate* unmanaged<byte*> SystemInfo { get; }

    public delegate* unmanaged<byte> SupportsGpu { get; }

    /// <summary>Loads the CPU backends in a folder; the best for this processor is used.</summary>
    public void LoadBackends(string folder)
    {
        byte* path = (byte*)Marshal.StringToCoTaskMemUTF8(folder);
        ((delegate* unmanaged<byte*, void>)Export("ggml_backend_load_all_from_path"))(path);
        Marshal.FreeCoTaskMem((nint)path);
    }

    /// <summary>A thread pool that lives on, as llama.cpp's own programs use; without one, threads are made anew for every step.</summary>
    public nint NewThreadPool(int numThreads)
    {
        fixed (byte* cpu = "CPU\0"u8)
        fixed (byte* newPool = "ggml_threadpool_new\0"u8)
        {
            nint registry = ((delegate* unmanaged<byte*, nint>)Export("ggml_backend_reg_by_name"))(cpu);
            nint function = registry == 0 ? 0 : ((delegate* unmanaged<nint, byte*, nint>)Export("ggml_backend_reg_get_proc_address"))(registry, newPool);
            if (function == 0)
            {
                throw new LlamaException("this llama.cpp has no CPU backend, or one without ggml_threadpool_new.");
            }

            LlamaParameters parameters = ((delegate* unmanaged<int, LlamaParameters>)Export("ggml_threadpool_params_default"))(numThreads);
            return ((delegate* unmanaged<LlamaParameters*, nint>)function)(&parameters);
        }
    }

    // Also finds what libraries export that this one depends on.
    private nint Export(string name) => NativeLibrary.TryGetExport(_library, name, out nint address)
        ? address
        : throw new LlamaException($"this llama.cpp has no function {name}; builds from mid-2025 on do.");
}
