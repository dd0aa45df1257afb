using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.Load;

namespace Dynamo.Serving.Catalog;

/// <summary>Where workers are, as far as this frontend knows. Thread-safe.</summary>
internal interface IWorkerLocator
{
    /// <summary>The instance of a worker, or <see langword="null"/> when no model has it any more.</summary>
    InstanceKey? InstanceOf(WorkerId worker);

    /// <summary>Workers whose head is this silo.</summary>
    IEnumerable<WorkerId> WorkersOf(SiloAddress silo);
}
