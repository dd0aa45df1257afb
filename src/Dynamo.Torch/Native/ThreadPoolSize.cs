using TorchSharp;

namespace Dynamo.Torch.Native;

/// <summary>
/// Number of threads that libtorch uses for work started on the calling thread. OpenMP keeps the number for each calling thread, so every
/// engine thread sets its own.
/// </summary>
internal static class ThreadPoolSize
{
    [ThreadStatic]
    private static int _current;

    /// <summary>The number that this thread has set; 1 before it has.</summary>
    public static int Current => Math.Max(1, _current);

    /// <summary>Sets it, when it is another.</summary>
    public static void Use(int numThreads)
    {
        if (_current != numThreads)
        {
            torch.set_num_threads(numThreads);
            _current = numThreads;
        }
    }
}
