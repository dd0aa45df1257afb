using Dynamo.Engine.Blocks;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.Frames;

namespace Dynamo.Engine.Loop;

/// <summary>One step after another: schedule, launch, collect, emit. The engine thread's.</summary>
internal sealed class EngineLoop : IDisposable
{
    private readonly IStepExecutor _executor;
    private readonly IEngineListener _listener;
    private readonly LiveSequences _live;
    private readonly LoadBoard _load;
    private readonly TimeProvider _time;
    private readonly StepPlan _plan;
    private readonly BlockPool _pool;
    private readonly KVEventEmitter _events;
    private readonly Scheduler _scheduler;
    private readonly SequenceOutput[] _outputs;
    private int _numOutputs;
    private LoadBoard.Numbers _numbers;

    public EngineLoop(
        EngineConfig config,
        IStepExecutor executor,
        StepLimits limits,
        int numBlocks,
        IEngineListener listener,
        LiveSequences live,
        LoadBoard load,
        TimeProvider time)
    {
        (_executor, _listener, _live, _load, _time) = (executor, listener, live, load, time);
        _plan = new StepPlan(limits);
        _events = new KVEventEmitter(listener);
        _pool = new BlockPool(numBlocks, limits.BlockSize, _events);
        _scheduler = new Scheduler(_pool, _plan, config.EnablePrefixCaching);
        _outputs = new SequenceOutput[limits.MaxNumSequences];
        Publish();
    }

    /// <summary>Adds or ends a sequence. An end frees its blocks before the next step is scheduled.</summary>
    public void Take(InboxItem item)
    {
        if (!item.IsAbort)
        {
            _scheduler.Add(item.Sequence);
            return;
        }

        if (item.Sequence.State != SequenceState.Finished)
        {
            _scheduler.Finish(item.Sequence);
            Publish();
        }
    }

    /// <summary>Lists part of the cached blocks.</summary>
    public void List(BlockPageRequest request)
    {
        _events.Flush();
        request.Fill(_pool, _events.Last);
    }

    /// <summary>Empties the prefix cache but for blocks that sequences hold; an index of prefixes is told at once.</summary>
    public void ForgetCached()
    {
        _pool.ForgetFree();
        _events.Flush();
        Publish();
    }

    /// <summary>Runs one step.</summary>
    /// <returns><see langword="false"/> when there was nothing to do.</returns>
    /// <exception cref="InvalidOperationException">Sequences wait and none can ever be scheduled: blocks are lost.</exception>
    public bool Step()
    {
        long start = _time.GetTimestamp();
        if (!_scheduler.Schedule())
        {
            return _scheduler.HasWork ? throw Stuck() : false;
        }

        _executor.Launch(_plan);
        ReadOnlySpan<SampledToken> sampled = _executor.Collect();
        CountStep();
        _scheduler.OnComputed();
        AppendAll(sampled);
        _events.Flush();
        _numbers.LastStepMicroseconds = (long)_time.GetElapsedTime(start).TotalMicroseconds;
        Publish();
        Tell();
        return true;
    }

    /// <summary>Output that only tells the end.</summary>
    public static SequenceOutput Ended(Sequence sequence, FinishReason reason, string? error) => new()
    {
        Id = sequence.Id,
        Attempt = sequence.Attempt,
        Tag = sequence.Tag,
        Position = sequence.NumOutputTokens,
        FinishReason = reason,
        NumCachedTokens = sequence.NumCachedTokens ?? 0,
        Error = error,
    };

    /// <summary>Tells what a step that failed had chosen before it failed, and that all blocks are gone with this engine.</summary>
    public void Dispose()
    {
        Tell();
        _events.OnCleared();
        _numbers.Stop(_events);
        _load.Write(_numbers);
    }

    private void AppendAll(ReadOnlySpan<SampledToken> sampled)
    {
        IReadOnlyList<Sequence> scheduled = _scheduler.Scheduled;
        for (int i = 0; i < scheduled.Count; i++)
        {
            Sequence sequence = scheduled[i];
            if (sequence.LogitRow is not { } row)
            {
                continue;
            }

            (int? token, TokenLogprobs? logprobs) = sampled[row];
            _outputs[_numOutputs++] = token is { } chosen ? Appended(sequence, chosen, logprobs) : Unsampled(sequence);
        }
    }

    private void Tell()
    {
        int numOutputs = _numOutputs;
        _numOutputs = 0;
        if (numOutputs > 0)
        {
            _listener.OnOutputs(_outputs.AsSpan(0, numOutputs));
            Array.Clear(_outputs, 0, numOutputs);
        }
    }

    private SequenceOutput Appended(Sequence sequence, int token, TokenLogprobs? logprobs)
    {
        int position = sequence.NumOutputTokens;
        sequence.Append(token);
        FinishReason reason = StopRule.After(sequence, token);
        if (reason != FinishReason.None)
        {
            End(sequence);
        }

        return new SequenceOutput
        {
            Id = sequence.Id,
            Attempt = sequence.Attempt,
            Tag = sequence.Tag,
            Position = position,
            TokenId = token,
            Logprobs = logprobs,
            FinishReason = reason,
            NumCachedTokens = sequence.NumCachedTokens ?? 0,
        };
    }

    private SequenceOutput Unsampled(Sequence sequence)
    {
        End(sequence);
        return Ended(
            sequence,
            FinishReason.Error,
            $"No token can be chosen at position {sequence.NumTokens}: the model's logits are not finite, or logit_bias, allowed_token_ids and min_tokens leave none.");
    }

    // It stays among the live ones until its blocks are free: whoever is still live when a step fails is told of the failure.
    private void End(Sequence sequence)
    {
        _scheduler.Finish(sequence);
        _live.Remove(sequence);
    }

    private InvalidOperationException Stuck() => new(
        $"{_scheduler.NumWaiting} sequences wait, {_scheduler.Running.Count} run and none can be scheduled: {_pool.NumFree} of {_pool.NumBlocks} blocks are free.");

    private void CountStep()
    {
        _numbers.Step++;
        _numbers.LastStepPrefillTokens = 0;
        _numbers.LastStepDecodeSequences = 0;
        IReadOnlyList<Sequence> scheduled = _scheduler.Scheduled;
        for (int i = 0; i < scheduled.Count; i++)
        {
            Sequence sequence = scheduled[i];
            if (sequence.NumScheduledTokens == 1 && sequence.NumComputedTokens >= sequence.NumPromptTokens)
            {
                _numbers.LastStepDecodeSequences++;
            }
            else
            {
                _numbers.LastStepPrefillTokens += sequence.NumScheduledTokens;
            }
        }
    }

    private void Publish()
    {
        _numbers.Fill(_scheduler, _pool, _events);
        _load.Write(_numbers);
    }
}
