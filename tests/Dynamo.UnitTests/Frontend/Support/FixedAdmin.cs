using Dynamo.Protocol.Routing;
using Dynamo.Serving.Admin;
using Dynamo.Serving.Streams;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>One worker, unless a test adds others; remembers whether it was drained.</summary>
internal sealed class FixedAdmin : IClusterAdmin
{
    public const string Worker = "00000000000000ab";

    public bool IsDraining { get; private set; }

    /// <summary>What its rounding depends on.</summary>
    public string? NumericsClass { get; set; } = "cpu-x";

    /// <summary>Workers besides that one.</summary>
    public IReadOnlyList<WorkerInfo> Others { get; set; } = [];

    public IReadOnlyList<WorkerInfo> Workers =>
    [
        new WorkerInfo
        {
            Id = Worker,
            Model = DemoModel.Name,
            Address = "127.0.0.1:7",
            Gpu = 2,
            State = IsDraining ? "draining" : "ready",
            Generation = 3,
            SafeToDelete = IsDraining,
            NumericsClass = NumericsClass,
        },
        .. Others,
    ];

    public Task<IReadOnlyList<WorkerInfo>> ExamineAsync() => Task.FromResult(Workers);

    public Task<bool> DrainAsync(string worker)
    {
        IsDraining |= worker == Worker;
        return Task.FromResult(worker == Worker);
    }

    /// <summary>What was set.</summary>
    public BusyLimits? Busy { get; private set; } = new() { ActivePrefillTokens = 1000 };

    public Task<IReadOnlyList<(string Model, BusyLimits Limits)>> GetBusyLimitsAsync(string? model) =>
        Task.FromResult<IReadOnlyList<(string, BusyLimits)>>(model is null or DemoModel.Name ? [(DemoModel.Name, Busy ?? new BusyLimits())] : []);

    public Task<bool> SetBusyLimitsAsync(string model, BusyLimits? limits)
    {
        Busy = model == DemoModel.Name ? limits?.Or(Busy ?? new BusyLimits()) : Busy;
        return Task.FromResult(model == DemoModel.Name);
    }

    /// <summary>The models whose caches were emptied, <see langword="null"/> for all.</summary>
    public List<string?> Resets { get; } = [];

    /// <summary>Whether no worker answers.</summary>
    public bool IsUnreachable { get; set; }

    public Task ResetPrefixCachesAsync(string? model)
    {
        Resets.Add(model);
        return IsUnreachable ? Task.FromException(new NoWorkerException("worker 1 does not answer")) : Task.CompletedTask;
    }

    /// <summary>What was asked of the routers.</summary>
    public (string? Request, int Limit)? Asked { get; private set; }

    public Task<IReadOnlyList<(string Model, string Decisions)>> ExplainAsync(string? request, int limit)
    {
        Asked = (request, limit);
        return Task.FromResult<IReadOnlyList<(string, string)>>([("demo", request == "chatcmpl-0" ? "[]" : """[{"status":"routed"}]""")]);
    }
}
