using Dynamo.Cli.Chat;
using Dynamo.Cli.Input;
using Dynamo.Engine.Mock;
using Dynamo.Simulation.Traces;

namespace Dynamo.Cli.Bench;

/// <summary>A run from its first request to its report.</summary>
/// <param name="options">What to do.</param>
/// <param name="clock">Tells times and waits for them.</param>
/// <param name="log">Takes news of the run.</param>
internal sealed class BenchRun(BenchOptions options, IStepClock clock, TextWriter log)
{
    /// <summary>Warms up, loads, and reports. A run that is cancelled after its warm-up reports what it has.</summary>
    /// <exception cref="CommandFault">The trace cannot be read, the server lists no model, or the warm-up failed.</exception>
    public async Task<BenchReport> RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<TraceRequest>? trace = options.TracePath is { } path ? Read(path) : null;
        TokenSource tokens = new(options.Seed, options.LowestToken, options.HighestToken);
        IWorkload workload = trace is not null ? new TraceWorkload(trace, options.TraceBlockSize, tokens) : new MadeUpWorkload(options, tokens);
        string model = options.Model ?? await FirstModelAsync(cancellationToken);
        await WarmUpAsync(new WarmUpWorkload(workload, tokens), model, cancellationToken);

        using BenchClient client = new(options, new RequestPreparer(workload, model, options.Api), clock);
        int numRequests = Math.Min(options.NumRequests ?? int.MaxValue, workload.NumRequests ?? int.MaxValue);
        TimeSpan start = clock.Now;
        using ProgressPrinter progress = new(log, client.Count, TimeProvider.System);
        TimeSpan deadline = options.Duration is { } duration ? start + duration : TimeSpan.MaxValue;
        await (options.Concurrency is { } concurrency
            ? ClosedLoop.RunAsync(client, clock, TimeProvider.System, concurrency, numRequests, deadline, cancellationToken)
            : OpenLoop.RunAsync(client, clock, Times(trace), start, numRequests, deadline, cancellationToken));
        return new BenchReport(options, model, client.Records, start, clock.Now - start);
    }

    private IReadOnlyList<TraceRequest> Read(string path)
    {
        try
        {
            IReadOnlyList<TraceRequest> trace = TraceReader.Read(path, options.TraceBlockSize, out int numEmpty);
            EmptyRequests.Tell(log, path, numEmpty);
            return trace;
        }
        catch (TraceException e)
        {
            throw new CommandFault($"--trace: {e.Message}", e);
        }
    }

    private IEnumerable<TimeSpan> Times(IReadOnlyList<TraceRequest>? trace) => options switch
    {
        { Rate: { } rate, IsPoisson: true } => Arrivals.Poisson(rate, new Random(options.Seed)),
        { Rate: { } rate } => Arrivals.Even(rate),
        _ => Arrivals.Recorded(trace!, options.Speed),
    };

    private async Task<string> FirstModelAsync(CancellationToken cancellationToken)
    {
        using OpenAIChatClient client = new(options.Servers[0], options.ApiKey);
        return await client.FirstModelAsync(cancellationToken);
    }

    private async Task WarmUpAsync(WarmUpWorkload workload, string model, CancellationToken cancellationToken)
    {
        if (options.NumWarmUps == 0)
        {
            return;
        }

        using BenchClient client = new(options, new RequestPreparer(workload, model, options.Api), clock);
        await ClosedLoop.RunAsync(client, clock, TimeProvider.System, options.Concurrency ?? 1, options.NumWarmUps, TimeSpan.MaxValue, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        RequestRecord? failed = client.Records.FirstOrDefault(static record => record.Failure is not null);
        if (failed is not null)
        {
            throw new CommandFault($"a request of the warm-up failed: {failed.Error}");
        }

        log.WriteLine($"dynamo: warmed up with {options.NumWarmUps} requests");
    }
}
