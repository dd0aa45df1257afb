using System.Threading.Channels;
using Dynamo.Serving.Generation;
using Dynamo.Serving.Streams;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>A generator whose sequences do what the test says. Admits at once unless <see cref="Admit"/> is replaced.</summary>
internal sealed class ScriptedGenerator : IGenerator
{
    private readonly Channel<ScriptedSequence> _started = Channel.CreateUnbounded<ScriptedSequence>();
    private int _numStarted;

    /// <summary>Runs when a sequence is submitted, before it is admitted; throws to refuse.</summary>
    public Func<ScriptedSequence, CancellationToken, Task> Admit { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>Called for each admitted sequence; for tests that need no step-by-step script.</summary>
    public Action<ScriptedSequence>? OnStarted { get; set; }

    public int NumStarted => Volatile.Read(ref _numStarted);

    public async Task<ISequenceStream> StartAsync(string model, SequenceSpec sequence, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _numStarted);
        ScriptedSequence started = new(model, sequence);
        await Admit(started, cancellationToken);
        OnStarted?.Invoke(started);
        _started.Writer.TryWrite(started);
        return started;
    }

    /// <summary>The next sequence that was admitted.</summary>
    public async Task<ScriptedSequence> NextAsync() => await _started.Reader.ReadAsync().AsTask().WaitAsync(Waiting.Limit);
}
