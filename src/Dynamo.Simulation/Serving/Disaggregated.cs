using Dynamo.Simulation.Configuration;

namespace Dynamo.Simulation.Serving;

/// <summary>
/// Some workers prefill, others decode. A prompt is computed by a prefill worker, which gives the first token as soon as it is there; then a
/// decode worker is chosen, reserves blocks when it has room, and gets what it does not have of the prompt; it decodes when the last byte is
/// in. Until then the prefill worker's blocks are held: where decode workers are full, prefill workers become so.
/// </summary>
internal sealed class Disaggregated : IServing
{
    private readonly DisaggregationConfig _config;
    private readonly WorkerPool _prefill;
    private readonly WorkerPool _decode;
    private readonly Dictionary<int, Queue<SimulatedRequest>> _waiting = [];
    private readonly PriorityQueue<SimulatedRequest, (double Moment, int Index)> _transfers = new();

    public Disaggregated(SimulationConfig config, DisaggregationConfig disaggregation, PoolParts parts)
    {
        _config = disaggregation;
        int numPrefill = disaggregation.NumPrefillWorkers;
        _prefill = new WorkerPool(config, config.Router, 0, numPrefill, parts, this);
        _decode = new WorkerPool(config, DecodeRouting.Of(config.Router), numPrefill, config.NumWorkers - numPrefill, parts, this);
        Pools = [_prefill, _decode];
        for (int worker = numPrefill; worker < config.NumWorkers; worker++)
        {
            _waiting.Add(worker, new Queue<SimulatedRequest>());
        }
    }

    public IReadOnlyList<WorkerPool> Pools { get; }

    public double NextMoment => _transfers.TryPeek(out _, out (double Moment, int Index) next) ? next.Moment : double.PositiveInfinity;

    public void Advance(double now)
    {
        while (NextMoment <= now)
        {
            Complete(_transfers.Dequeue(), now);
        }
    }

    public void Arrive(SimulatedRequest request, double now) => (IsLocal(request, now) ? _decode : _prefill).Route(request, now);

    public void OnPlaced(WorkerPool pool, int worker, SimulatedRequest request, double now)
    {
        if (pool == _prefill)
        {
            request.Worker = worker;
            pool.Submit(worker, request, isPrefillOnly: request.Trace.OutputLength > 1);
            return;
        }

        request.DecodeWorker = worker;
        if (request.NumOutputTokens == 0)
        {
            request.Worker = worker;
            pool.Submit(worker, request, isPrefillOnly: false);
            return;
        }

        _waiting[worker].Enqueue(request);
        pool.Wake(worker);
    }

    public void OnToken(WorkerPool pool, int worker, SimulatedRequest request, double now)
    {
        // Of those that decode, the first token here is the second of all unless the prompt was computed here.
        if (request.NumOutputTokens == 1 || (request.NumOutputTokens == 2 && pool == _decode))
        {
            pool.TellFirstToken(request, now);
        }

        if (request.HasLeft)
        {
            pool.Release(worker, request);
        }

        if (request.IsFinished || request.HasLeft)
        {
            pool.TellEnded(request, now);
        }
        else if (pool == _prefill)
        {
            _decode.Route(request, now);
        }
    }

    public void OnWake(WorkerPool pool, int worker, double now)
    {
        if (pool == _prefill)
        {
            return;
        }

        Queue<SimulatedRequest> waiting = _waiting[worker];
        while (waiting.TryPeek(out SimulatedRequest? request) && pool.TryReserve(worker, request, out int numReusedTokens))
        {
            waiting.Dequeue();
            request.NumTransferredTokens = request.Trace.InputLength - numReusedTokens;
            request.TransferWaitMilliseconds = now - request.FirstToken;
            request.TransferMilliseconds = _config.TransferMilliseconds(request.NumTransferredTokens);
            if (request.TransferMilliseconds > 0)
            {
                _transfers.Enqueue(request, (now + request.TransferMilliseconds, request.Index));
            }
            else
            {
                Complete(request, now);
            }
        }
    }

    private void Complete(SimulatedRequest request, double now)
    {
        _decode.Resume(request.DecodeWorker!.Value, request);
        _prefill.Release(request.Worker, request);
        _prefill.TellEnded(request, now);
    }

    // A decode worker that has most of the prompt computes the rest sooner than it would get the whole from elsewhere.
    private bool IsLocal(SimulatedRequest request, double now)
    {
        if (!_config.IsConditional || _decode.CachedTokens(request, now) is not { } cached)
        {
            return false;
        }

        int missing = Math.Max(1, request.Trace.InputLength - cached);
        return missing < _config.MaxLocalTokens && missing < _config.MaxLocalShare * request.Trace.InputLength;
    }
}
