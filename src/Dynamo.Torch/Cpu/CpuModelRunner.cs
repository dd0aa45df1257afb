using Dynamo.Engine.Execution;
using Dynamo.Engine.Sharing;
using Dynamo.Torch.Layers;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;
using TorchSharp;

namespace Dynamo.Torch.Cpu;

/// <summary>A model on the CPU: packed linear layers, and own kernels over rows and the paged cache between them.</summary>
/// <remarks>See <see cref="IModelRunner"/> for the thread rule. A step allocates no managed memory.</remarks>
/// <typeparam name="TActivation">Element of activations.</typeparam>
/// <typeparam name="T">Element of weights and cache.</typeparam>
internal sealed class CpuModelRunner<TActivation, T> : IModelRunner
    where TActivation : unmanaged
    where T : unmanaged
{
    private readonly DecoderModel<TActivation, T> _model;
    private readonly CoreSharing _cores;
    private CpuStep<TActivation, T>? _step;
    private bool _isExact = true;

    private CpuModelRunner(DecoderModel<TActivation, T> model, CoreSharing cores)
    {
        _model = model;
        _cores = cores;
        Shape = new ModelShape
        {
            Architecture = model.Config.Architecture,
            VocabularySize = model.Config.VocabularySize,
            MaxPositions = model.Config.MaxPositions,
            NumLayers = model.Config.NumLayers,
            DType = TorchDType<T>.Name,
            NumParameters = model.Config.NumParameters,
        };
    }

    /// <summary>Loads a model with the threads that this process has among the workers of its host, as its steps will have.</summary>
    /// <param name="numThreads">Threads whatever others do, or <see langword="null"/>.</param>
    /// <param name="load">Reads and packs the weights.</param>
    /// <exception cref="Dynamo.Engine.EngineStartException">The claims of the host's workers cannot be read.</exception>
    public static CpuModelRunner<TActivation, T> Load(int? numThreads, Func<DecoderModel<TActivation, T>> load)
    {
        CoreSharing cores = CoreSharing.Join(numThreads);
        try
        {
            ThreadPoolSize.Use(cores.Begin());
            DecoderModel<TActivation, T> model = load();
            cores.End();
            return new CpuModelRunner<TActivation, T>(model, cores);
        }
        catch
        {
            cores.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ModelShape Shape { get; }

    /// <inheritdoc/>
    public string NumericsClass =>
        $"{(_isExact ? "" : "inexact-")}cpu-{Processor}-{_model.Path.Name()}-{Shape.DType}-activations-{TorchDType<TActivation>.Name}-kv-{Shape.DType}-tp1-libtorch-{typeof(torch).Assembly.GetName().Version?.ToString(3)}";

    private string Processor => ProcessorClass.Current.Name(usesOneDnn: _model.Path == LinearPath.OneDnn);

    /// <inheritdoc/>
    public long KVBytesPerBlock(int blockSize) => KVCache<T>.BytesPerBlock(_model.Config, blockSize);

    /// <inheritdoc/>
    public void Prepare(StepLimits limits, int numBlocks)
    {
        if (_step is not null)
        {
            throw new InvalidOperationException("The runner was prepared before.");
        }

        ThreadPoolSize.Use(_cores.Begin());
        _step = new CpuStep<TActivation, T>(_model, limits, numBlocks, _cores.MaxThreads);
        _isExact = SelfTest.Holds(_model, _step, limits, numBlocks, TimeProvider.System, SelfTest.LayersTime);
        _cores.End();
    }

    /// <inheritdoc/>
    public Span<float> Execute(StepBatch batch)
    {
        CpuStep<TActivation, T> step = _step ?? throw new InvalidOperationException("The runner must be prepared first.");
        ThreadPoolSize.Use(_cores.Begin());
        Span<float> logits = step.Execute(batch);
        _cores.End();
        return logits;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _step?.Dispose();
        _model.Dispose();
        _cores.Dispose();
    }
}
