namespace Dynamo.Engine.Execution;

/// <summary>Loads models. One implementation per backend; the engine host gets it by dependency injection.</summary>
public interface IModelRunnerFactory
{
    /// <summary>Loads a model. Blocks until the weights are in memory; called on the thread that will run the engine.</summary>
    /// <param name="options">What to load and how.</param>
    /// <param name="progress">Told of bytes loaded, from 0 to all; may be called from several threads.</param>
    /// <param name="cancellationToken">Stops loading.</param>
    /// <exception cref="Dynamo.Protocol.Models.ModelFolderException">The folder cannot be served; the message says why.</exception>
    IModelRunner Load(ModelLoadOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellationToken);
}

/// <summary>What to load and how.</summary>
public sealed record ModelLoadOptions
{
    /// <summary>The model folder, laid out as on a model hub.</summary>
    public required string ModelPath { get; init; }

    /// <summary><c>auto</c> (the checkpoint's; float16 becomes bfloat16 on CPU), <c>bfloat16</c> or <c>float32</c> (<c>--dtype</c>).</summary>
    public string DType { get; init; } = "auto";

    /// <summary>Threads for kernels (<c>--num-threads</c>); <see langword="null"/> for a share of the processors that this process may use, see <see cref="Sharing.CoreSharing"/>.</summary>
    public int? NumThreads { get; init; }

    /// <summary>Skip captured graphs on CUDA (<c>--enforce-eager</c>); no effect on CPU.</summary>
    public bool EnforceEager { get; init; }
}

/// <summary>How far loading is.</summary>
/// <param name="LoadedBytes">Bytes of weights in memory.</param>
/// <param name="TotalBytes">All bytes of weights.</param>
public readonly record struct LoadProgress(long LoadedBytes, long TotalBytes);
