using System.Runtime.InteropServices;
using Dynamo.Engine.Blocks;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Requests;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Traces;

namespace Dynamo.Simulation.Machines;

/// <summary>This project's engine in virtual time: its scheduler and its block pool as they are; only the model and the clock are not there.</summary>
internal sealed class OwnEngine : ISimulatedEngine, IBlockPoolListener
{
    private readonly SimulationConfig _config;
    private readonly StepTiming _timing;
    private readonly PromptTokens _prompt;
    private readonly IBlockListener _listener;
    private readonly int _worker;
    private readonly int _maxModelLength;
    private readonly BlockPool _pool;
    private readonly Scheduler _scheduler;
    private readonly Dictionary<SimulatedRequest, Sequence> _sequences = [];
    private readonly List<BlockKey> _stored = [];
    private BlockKey? _parent;

    /// <param name="config">Its size.</param>
    /// <param name="timing">How long its steps take.</param>
    /// <param name="prompt">Where prompts are made; shared by all workers.</param>
    /// <param name="maxModelLength">The longest sequence that will come.</param>
    /// <param name="worker">Its number.</param>
    /// <param name="listener">Hears which prefixes it can reuse.</param>
    public OwnEngine(SimulationConfig config, StepTiming timing, PromptTokens prompt, int maxModelLength, int worker, IBlockListener listener)
    {
        (_config, _timing, _prompt, _maxModelLength, _worker, _listener) = (config, timing, prompt, maxModelLength, worker, listener);
        MachineConfig machine = config.Machine;
        StepLimits limits = new()
        {
            MaxBatchedTokens = machine.MaxBatchedTokens,
            MaxNumSequences = machine.MaxNumSequences,
            MaxLogitRows = machine.MaxNumSequences,
            MaxModelLength = maxModelLength,
            BlockSize = machine.BlockSize,
        };
        _pool = new BlockPool(machine.NumBlocks, machine.BlockSize, this);
        _scheduler = new Scheduler(_pool, new StepPlan(limits), prefixCaching: true);
    }

    public bool HasWork => _scheduler.HasWork;

    public int NumUsedBlocks => _pool.NumUsed;

    public void Submit(SimulatedRequest request, bool isPrefillOnly)
    {
        FillPrompt(request);
        _scheduler.Add(Create(request, isPrefillOnly ? 1 : request.Trace.OutputLength));
    }

    public bool TryReserve(SimulatedRequest request, out int numReusedTokens)
    {
        // Asked again and again until there is room: it is made once.
        if (!_sequences.TryGetValue(request, out Sequence? sequence))
        {
            FillPrompt(request);
            _prompt.Append(OutputToken(request, request.Trace.InputLength));
            sequence = Create(request, request.Trace.OutputLength);
        }

        bool isReserved = _scheduler.TryReserve(sequence);
        numReusedTokens = sequence.NumComputedTokens;
        return isReserved;
    }

    public void Resume(SimulatedRequest request)
    {
        _scheduler.Resume(_sequences[request]);
        Flush();
    }

    public void Release(SimulatedRequest request)
    {
        if (_sequences.Remove(request, out Sequence? sequence))
        {
            _scheduler.Finish(sequence);
        }
    }

    public SimulatedStep? Begin(double now)
    {
        if (!_scheduler.Schedule())
        {
            return _scheduler.NumParked > 0
                ? null
                : throw new SimulationException($"Simulated worker {_worker} has {_scheduler.NumWaiting} requests and can schedule none of them.");
        }

        int numPrefillTokens = 0;
        int numDecoding = 0;
        int numEmitting = 0;
        IReadOnlyList<Sequence> scheduled = _scheduler.Scheduled;
        for (int i = 0; i < scheduled.Count; i++)
        {
            Sequence sequence = scheduled[i];
            RequestOf(sequence).FirstAdmit ??= now;
            numEmitting += sequence.LogitRow is null ? 0 : 1;
            if (sequence.NumScheduledTokens == 1 && sequence.NumPrefillTokens == 0)
            {
                numDecoding++;
            }
            else
            {
                numPrefillTokens += sequence.NumScheduledTokens;
            }
        }

        TimeSpan duration = _timing.Duration(new StepWork(numPrefillTokens, numEmitting, _pool.NumUsed, _pool.NumBlocks));
        return new SimulatedStep(duration.TotalMilliseconds, numPrefillTokens, numDecoding, _pool.NumUsed);
    }

    public void End(List<SimulatedRequest> emitted)
    {
        _scheduler.OnComputed();
        Flush();
        IReadOnlyList<Sequence> scheduled = _scheduler.Scheduled;
        for (int i = 0; i < scheduled.Count; i++)
        {
            Sequence sequence = scheduled[i];
            if (sequence.LogitRow is null)
            {
                continue;
            }

            SimulatedRequest request = RequestOf(sequence);
            if (sequence.NumOutputTokens == 0)
            {
                request.NumReusedTokens = sequence.NumCachedTokens ?? 0;
            }

            emitted.Add(request);
            sequence.Append(OutputToken(request, sequence.NumTokens));
            if (sequence.NumOutputTokens == request.Trace.OutputLength)
            {
                _scheduler.Finish(sequence);
                _sequences.Remove(request);
            }
            else if (sequence.NumTokens == sequence.MaxNumTokens)
            {
                _scheduler.Park(sequence);
            }
        }
    }

    void IBlockPoolListener.OnStored(BlockKey? parent, BlockKey block)
    {
        if (_stored.Count > 0 && _stored[^1] != parent)
        {
            Flush();
        }

        _parent = _stored.Count == 0 ? parent : _parent;
        _stored.Add(block);
    }

    void IBlockPoolListener.OnRemoved(BlockKey block)
    {
        Flush();
        _listener.OnRemoved(_worker, [block]);
    }

    void IBlockPoolListener.OnCleared() => throw new InvalidOperationException("Nobody empties a simulated cache.");

    // Output is the request's own, the same wherever it is computed.
    private static int OutputToken(SimulatedRequest request, int position) => (int)PromptBlocks.OwnKey(request.Index, -position).Value;

    private void FillPrompt(SimulatedRequest request)
    {
        TraceRequest trace = request.Trace;
        _prompt.Fill(PromptBlocks.KeysOf(trace, request.Index, _config.Machine.BlockSize, _config.TraceBlockSize), request.Index, trace.InputLength);
    }

    private Sequence Create(SimulatedRequest request, int maxTokens)
    {
        Sequence sequence = new(
            new GenerationRequest
            {
                Id = request.Id,
                Attempt = 1,
                TokenIds = _prompt,
                NumPromptTokens = request.Trace.InputLength,
                Sampling = new SamplingParameters { MaxTokens = maxTokens, IgnoreEos = true },
            },
            request,
            _maxModelLength);
        _sequences.Add(request, sequence);
        return sequence;
    }

    private static SimulatedRequest RequestOf(Sequence sequence) => (SimulatedRequest)sequence.Tag!;

    private void Flush()
    {
        if (_stored.Count > 0)
        {
            _listener.OnStored(_worker, _parent, CollectionsMarshal.AsSpan(_stored));
            _stored.Clear();
        }
    }
}
