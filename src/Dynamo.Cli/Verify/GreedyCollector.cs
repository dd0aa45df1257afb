using Dynamo.Cli.Input;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Loop;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.KV;

namespace Dynamo.Cli.Verify;

/// <summary>Collects the tokens of sequences whose tags are their numbers.</summary>
internal sealed class GreedyCollector : IEngineListener
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int[][]> _outputs = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<int>[] _tokens;
    private int _numOpen;

    public GreedyCollector(int numSequences)
    {
        _numOpen = numSequences;
        _tokens = new List<int>[numSequences];
        for (int i = 0; i < numSequences; i++)
        {
            _tokens[i] = [];
        }
    }

    /// <summary>Done when the engine takes requests; faulted when it failed to start.</summary>
    public Task Ready => _ready.Task;

    /// <summary>The tokens of each sequence, when all have ended.</summary>
    public Task<int[][]> Outputs => _outputs.Task;

    /// <inheritdoc/>
    public void OnReady(ModelShape shape, StepLimits limits, int numBlocks, string numericsClass) => _ready.TrySetResult();

    /// <inheritdoc/>
    public void OnOutputs(ReadOnlySpan<SequenceOutput> outputs)
    {
        foreach (SequenceOutput output in outputs)
        {
            if (output.TokenId is { } token)
            {
                _tokens[(int)output.Tag!].Add(token);
            }

            if (output.FinishReason == FinishReason.Error)
            {
                _outputs.TrySetException(new CommandFault($"prompt {output.Tag}: {output.Error}"));
            }
            else if (output.FinishReason != FinishReason.None && --_numOpen == 0)
            {
                _outputs.TrySetResult(Array.ConvertAll(_tokens, static tokens => tokens.ToArray()));
            }
        }
    }

    /// <inheritdoc/>
    public void OnKVEvent(KVEvent kvEvent)
    {
        // Nobody routes here.
    }

    /// <inheritdoc/>
    public void OnStopped(Exception? failure)
    {
        Exception reason = failure ?? new OperationCanceledException("The engine was stopped.");
        _ready.TrySetException(reason);
        _outputs.TrySetException(reason);
    }
}
