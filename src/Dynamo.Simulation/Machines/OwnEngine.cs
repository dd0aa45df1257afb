using System.Runtime.InteropServices;
using Dynamo.Engine.Blocks;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Requests;
using Dynamo.Simulation.Traces;

namespace Dynamo.Simulation.Machines;

/// <summary>This project's engine in virtual time: its scheduler and its block pool as they are; only the model and the clock are not there.</summary>
internal sealed class OwnEngine : ISimulatedEngine, IBlockPoolListener
{
    private readonly SimulationConfig _config;
    private readonly PromptTokens _prompt;
    private readonly IBlockListener _listener;
    private readonly int _worker;
    private readonly int _maxModelLength;
    private readonly BlockPool _pool;
    private readonly Scheduler _scheduler;
    private readonly List<ulong> _stored = [];
    private ulong? _parent;

    /// <param name="config">Its size and the duration of its steps.</param>
    /// <param name="prompt">Where prompts are made; shared by all workers.</param>
    /// <param name="maxModelLength">The longest sequence that will come.</param>
    /// <param name="worker">Its number.</param>
    /// <param name="listener">Hears which prefixes it can reuse.</param>
    public OwnEngine(SimulationConfig config, PromptTokens prompt, int maxModelLength, int worker, IBlockListener listener)
    {
        (_config, _prompt, _maxModelLength, _worker, _listener) = (config, prompt, maxModelLength, worker, listener);
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
        _scheduler = new Scheduler(_pool, new StepBatch(limits), prefixCaching: true);
    }

    public bool HasWork => _scheduler.HasWork;

    public void Submit(SimulatedRequest request)
    {
        TraceRequest trace = request.Trace;
        _prompt.Fill(PromptBlocks.KeysOf(trace, request.Index, _config.Machine.BlockSize, _config.TraceBlockSize), request.Index, trace.InputLength);
        _scheduler.Add(new Sequence(
            new GenerationRequest
            {
                Id = new RequestId(new Guid(request.Index, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])),
                Attempt = 1,
                TokenIds = _prompt,
                NumPromptTokens = trace.InputLength,
                Sampling = new SamplingParameters { MaxTokens = trace.OutputLength, IgnoreEos = true },
            },
            request,
            _maxModelLength));
    }

    public SimulatedStep Begin(double now)
    {
        if (!_scheduler.Schedule())
        {
            throw new SimulationException($"Simulated worker {_worker} has {_scheduler.NumWaiting} requests and can schedule none of them.");
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

        TimeSpan duration = _config.Timing.Duration(new StepWork(numPrefillTokens, numEmitting, _pool.NumUsed, _pool.NumBlocks));
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
            request.NumReusedTokens = sequence.NumCachedTokens ?? 0;
            emitted.Add(request);
            sequence.Append((int)PromptBlocks.OwnKey(request.Index, -sequence.NumTokens));
            if (sequence.NumOutputTokens == request.Trace.OutputLength)
            {
                _scheduler.Finish(sequence);
            }
        }
    }

    void IBlockPoolListener.OnStored(SequenceHash? parent, KVBlock block)
    {
        ulong? before = parent is { } hash ? (ulong)hash.Value : null;
        if (_stored.Count > 0 && _stored[^1] != before)
        {
            Flush();
        }

        _parent = _stored.Count == 0 ? before : _parent;
        _stored.Add((ulong)block.Sequence.Value);
    }

    void IBlockPoolListener.OnRemoved(KVBlock block)
    {
        Flush();
        _listener.OnRemoved(_worker, [(ulong)block.Sequence.Value]);
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
