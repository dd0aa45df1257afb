using Dynamo.Engine.Mock;
using Dynamo.Routing.Configuration;

namespace Dynamo.Simulation.Configuration;

/// <summary>What is simulated.</summary>
public sealed record SimulationConfig
{
    /// <summary>Workers, at least 1; all of them, where some prefill and others decode.</summary>
    public int NumWorkers { get; init; } = 4;

    /// <summary>Their size.</summary>
    public MachineConfig Machine { get; init; } = new();

    /// <summary>Their engine.</summary>
    public EngineModel EngineModel { get; init; }

    /// <summary>How long their steps take.</summary>
    public StepTiming Timing { get; init; } = new();

    /// <summary>By worker: how fast it is beside <see cref="Timing"/>, above 0; empty: all are alike.</summary>
    public IReadOnlyList<double> WorkerSpeeds { get; init; } = [];

    /// <summary>How prefill and decode are shared among workers; <see langword="null"/>: every worker does both.</summary>
    public DisaggregationConfig? Disaggregation { get; init; }

    /// <summary>How requests are routed. Its block size must be the machine's.</summary>
    public required RouterOptions Router { get; init; }

    /// <summary>Open loop: how much faster than in the trace requests come. Not looked at in closed loop.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Closed loop: requests under way at any time, each followed by the next of the trace; <see langword="null"/>: open loop.</summary>
    public int? Concurrency { get; init; }

    /// <summary>Tokens of a block of the trace, a multiple of the engine's.</summary>
    public int TraceBlockSize { get; init; } = 512;

    /// <summary>Where chance comes from: the router's, and whose clients leave.</summary>
    public int Seed { get; init; }

    /// <summary>How late the router hears of steps, first tokens and ends, in milliseconds.</summary>
    public double ReportDelayMilliseconds { get; init; }

    /// <summary>How late the router hears of blocks, in milliseconds.</summary>
    public double EventDelayMilliseconds { get; init; }

    /// <summary>Share of the requests of at least two tokens whose clients leave, each after a random one of its tokens but the last.</summary>
    public double CancelRate { get; init; }
}
