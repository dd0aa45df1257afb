using Dynamo.Engine.Execution;
using Dynamo.Engine.Sharing;
using Dynamo.Protocol.Models;
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
    private readonly TimeSpan _layerCheckTime;
    private CpuStep<TActivation, T>? _step;
    private bool _isExact = true;
    private int _numLogits;
    private SingleStep _inFlight;

    private CpuModelRunner(DecoderModel<TActivation, T> model, CoreSharing cores, TimeSpan layerCheckTime)
    {
        _model = model;
        _cores = cores;
        _layerCheckTime = layerCheckTime;
        Shape = new ModelShape
        {
            Architecture = model.Config.Architecture,
            VocabularySize = model.Config.VocabularySize,
            MaxPositions = model.Config.MaxPositions,
            DType = TorchDType<T>.Name,
            NumParameters = model.Config.NumParameters,
        };
    }

    /// <summary>Loads a model with the threads that it has among the workers of its host, as its steps will.</summary>
    /// <param name="cores">Says how many those are; taken over, also when loading fails.</param>
    /// <param name="load">Reads and packs the weights.</param>
    /// <param name="layerCheckTime">What the self-test may take for single layers beyond the trials that are always made.</param>
    public static CpuModelRunner<TActivation, T> Load(CoreSharing cores, Func<DecoderModel<TActivation, T>> load, TimeSpan layerCheckTime)
    {
        try
        {
            ThreadPoolSize.Use(cores.Begin());
            DecoderModel<TActivation, T> model = load();
            cores.End();
            return new CpuModelRunner<TActivation, T>(model, cores, layerCheckTime);
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
        $"{(_isExact ? "" : "inexact-")}cpu-{Processor}-{_model.Path.Name()}-{Shape.DType}-activations-{TorchDType<TActivation>.Name}-kv-{Shape.DType}-{ParallelLayout.Single}-libtorch-{typeof(torch).Assembly.GetName().Version?.ToString(3)}";

    private string Processor => ProcessorClass.Current.Name(usesOneDnn: _model.Path == LinearPath.OneDnn);

    /// <inheritdoc/>
    public int MaxStepsInFlight => 1;

    /// <inheritdoc/>
    public long KVBytesPerBlock(int blockSize) => KVCache<T>.BytesPerBlock(_model.Config, blockSize);

    /// <inheritdoc/>
    public void Prepare(StepLimits limits, int numBlocks)
    {
        if (_step is not null)
        {
            throw new InvalidOperationException("The runner was prepared before.");
        }

        // Most threads, not the share of this moment: what is exact with these and with one is trusted in between.
        _ = _cores.Begin();
        ThreadPoolSize.Use(_cores.MaxThreads);
        _step = new CpuStep<TActivation, T>(_model, limits, numBlocks, _cores.MaxThreads);
        _isExact = SelfTest.Holds(_model, _step, limits, numBlocks, TimeProvider.System, _layerCheckTime);
        _cores.End();
    }

    /// <summary>Computes the step here and now, with this runner's share of the host's cores.</summary>
    /// <param name="batch">The step.</param>
    public void Launch(StepBatch batch)
    {
        CpuStep<TActivation, T> step = _step ?? throw new InvalidOperationException("The runner must be prepared first.");
        _inFlight.RequireNone();
        ThreadPoolSize.Use(_cores.Begin());
        step.Execute(batch);
        _cores.End();
        _numLogits = batch.NumLogits;
        _inFlight.Begin();
    }

    /// <inheritdoc/>
    public Span<float> Collect()
    {
        _inFlight.End();
        return _step!.Logits(_numLogits);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _step?.Dispose();
        _model.Dispose();
        _cores.Dispose();
    }
}
