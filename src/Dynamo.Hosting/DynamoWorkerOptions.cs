using Dynamo.Cluster.Settings;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Hosting.Telemetry;
using Dynamo.Worker.Engines;

namespace Dynamo.Hosting;

/// <summary>A worker in a program's own host. Each part is bound to the section of its name under <c>Dynamo</c> of the host's configuration first.</summary>
public sealed class DynamoWorkerOptions
{
    /// <summary>The cluster to join; <see langword="null"/>: one of this process's own.</summary>
    public ClusterSettings? Cluster { get; set; }

    /// <summary>What is served and with which limits (<c>Dynamo:Worker</c>).</summary>
    public WorkerOptions Worker { get; set; } = new() { Model = "", Load = new ModelLoadOptions { ModelPath = "" } };

    /// <summary>Loads the model, for example Dynamo.Torch's. Must be set.</summary>
    public IModelRunnerFactory? Runners { get; set; }

    /// <summary>How the process is measured (<c>Dynamo:Telemetry</c>).</summary>
    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>Everything that is wrong, each naming the option, its value and what is allowed.</summary>
    internal IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        if (Worker.Load.ModelPath.Length == 0)
        {
            faults.Add($"{nameof(Worker)}.{nameof(WorkerOptions.Load)}.{nameof(ModelLoadOptions.ModelPath)} is missing: the folder of the model.");
        }

        if (Worker.Model.Length == 0)
        {
            faults.Add($"{nameof(Worker)}.{nameof(WorkerOptions.Model)} is missing: the name that clients use.");
        }

        if (Runners is null)
        {
            faults.Add($"{nameof(Runners)} is missing: what loads the model.");
        }

        faults.AddRange(EngineConfigValidator.Faults(Worker.EngineConfig(default, 0)));
        return faults;
    }
}
