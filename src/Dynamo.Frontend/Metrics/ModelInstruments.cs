using System.Diagnostics.Metrics;
using Dynamo.Cluster.Telemetry;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Migration;

namespace Dynamo.Frontend.Metrics;

/// <summary>The models that are served, with their limits, looked at when somebody asks.</summary>
internal sealed class ModelInstruments : IObservedInstruments
{
    private readonly IModelCatalog _catalog;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="catalog">The models.</param>
    /// <param name="migration">How often requests move, if they do.</param>
    public ModelInstruments(IMeterFactory meters, IModelCatalog catalog, MigrationOptions? migration = null)
    {
        _catalog = catalog;
        Meter meter = meters.Create(FrontendInstruments.MeterName);
        Gauge("model_ready", "1", "Whether at least one instance of the model is ready.", static model => model.IsReady ? 1 : 0);
        Gauge("model_total_kv_blocks", "{block}", "KV blocks of an instance.", static model => model.Limits.NumBlocks);
        Gauge("model_max_num_seqs", "{sequence}", "Most sequences of a step of an instance.", static model => model.Limits.MaxNumSequences);
        Gauge("model_max_num_batched_tokens", "{token}", "Most tokens of a step of an instance.", static model => model.Limits.MaxBatchedTokens);
        Gauge("model_context_length", "{token}", "Longest sequence in tokens.", static model => model.MaxModelLength);
        Gauge("model_kv_cache_block_size", "{token}", "Tokens of a KV block.", static model => model.Limits.BlockSize);
        if (migration is not null)
        {
            Gauge("model_migration_limit", "{migration}", "Most moves of one request from worker to worker.", _ => migration.Limit);
        }

        void Gauge(string name, string unit, string description, Func<ServedModel, long> value) =>
            meter.CreateObservableGauge(FrontendInstruments.Prefix + name, () => OfModels(value), unit, description);
    }

    private IEnumerable<Measurement<long>> OfModels(Func<ServedModel, long> value) => _catalog.Models.Select(model => new Measurement<long>(value(model), Labels.Of(model.Name)));
}
