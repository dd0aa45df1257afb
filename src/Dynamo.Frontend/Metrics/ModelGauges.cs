using Dynamo.Serving.Catalog;
using Prometheus;

namespace Dynamo.Frontend.Metrics;

/// <summary>Gauges that show a model's limits and whether it is ready, taken from the catalog at each collection. One collection at a time.</summary>
internal sealed class ModelGauges
{
    private readonly Gauge _ready;
    private readonly Gauge _blocks;
    private readonly Gauge _sequences;
    private readonly Gauge _batchedTokens;
    private readonly Gauge _contextLength;
    private readonly Gauge _blockSize;
    private readonly Lock _gate = new();
    private IReadOnlyList<ServedModel> _shown = [];

    public ModelGauges(MetricFactory factory, string prefix)
    {
        _ready = Create("model_ready", "Whether at least one instance of the model is ready.");
        _blocks = Create("model_total_kv_blocks", "KV blocks of an instance.");
        _sequences = Create("model_max_num_seqs", "Most sequences of a step of an instance.");
        _batchedTokens = Create("model_max_num_batched_tokens", "Most tokens of a step of an instance.");
        _contextLength = Create("model_context_length", "Longest sequence in tokens.");
        _blockSize = Create("model_kv_cache_block_size", "Tokens of a KV block.");

        Gauge Create(string name, string help) => factory.CreateGauge(prefix + name, help, ["model"]);
    }

    /// <summary>Shows these models and no others.</summary>
    public void Update(IReadOnlyList<ServedModel> models)
    {
        lock (_gate)
        {
            if (ReferenceEquals(models, _shown))
            {
                return;
            }

            foreach (ServedModel model in _shown)
            {
                Remove(model.Name);
            }

            foreach (ServedModel model in models)
            {
                Show(model);
            }

            _shown = models;
        }
    }

    private void Show(ServedModel model)
    {
        _ready.WithLabels(model.Name).Set(model.IsReady ? 1 : 0);
        _blocks.WithLabels(model.Name).Set(model.Limits.NumBlocks);
        _sequences.WithLabels(model.Name).Set(model.Limits.MaxNumSequences);
        _batchedTokens.WithLabels(model.Name).Set(model.Limits.MaxBatchedTokens);
        _contextLength.WithLabels(model.Name).Set(model.MaxModelLength);
        _blockSize.WithLabels(model.Name).Set(model.Limits.BlockSize);
    }

    private void Remove(string model)
    {
        foreach (Gauge gauge in (ReadOnlySpan<Gauge>)[_ready, _blocks, _sequences, _batchedTokens, _contextLength, _blockSize])
        {
            gauge.RemoveLabelled(model);
        }
    }
}
