using System.Runtime.InteropServices;

namespace Dynamo.Torch.Native;

/// <summary>
/// Runs kernels on libtorch's threads, so that they and oneDNN share one pool. Bodies are static functions over native memory: nothing is
/// allocated, nothing is thrown.
/// </summary>
internal static unsafe class TorchParallel
{
    /// <summary>Runs <paramref name="body"/> on parts of [0, count) that cover it; every part is at least <paramref name="grain"/> long but the last.</summary>
    public static void For(long count, long grain, delegate*<long, long, void*, void> body, void* arguments)
    {
        Context context = new() { Body = body, Arguments = arguments };
        Aoti.ParallelFor(0, count, grain, &Part, &context);
    }

    /// <summary>
    /// Runs <paramref name="body"/> once for each task of [0, count), as threads become free, so that tasks of different length balance.
    /// Each call gets the number of its worker, below <paramref name="numWorkers"/>, for scratch memory of its own.
    /// </summary>
    public static void Tasks(long count, int numWorkers, delegate*<long, int, void*, void> body, void* arguments)
    {
        TaskContext context = new() { Body = body, Arguments = arguments, Count = count };
        Aoti.ParallelFor(0, Math.Min(numWorkers, count), 1, &Worker, &context);
    }

    [UnmanagedCallersOnly]
    private static void Part(long begin, long end, void* pointer)
    {
        Context* context = (Context*)pointer;
        context->Body(begin, end, context->Arguments);
    }

    [UnmanagedCallersOnly]
    private static void Worker(long begin, long end, void* pointer)
    {
        TaskContext* context = (TaskContext*)pointer;
        for (long worker = begin; worker < end; worker++)
        {
            long task;
            while ((task = Interlocked.Increment(ref context->Next) - 1) < context->Count)
            {
                context->Body(task, (int)worker, context->Arguments);
            }
        }
    }

    private struct Context
    {
        public delegate*<long, long, void*, void> Body;
        public void* Arguments;
    }

    private struct TaskContext
    {
        public delegate*<long, int, void*, void> Body;
        public void* Arguments;
        public long Count;
        public long Next;
    }
}
