using Dynamo.Engine.Blocks;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Loop;
using Dynamo.Engine.Mock;
using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Xunit;

namespace Dynamo.UnitTests.Engine.Support;

/// <summary>An engine loop on the test's own thread: one step at a time, nothing in between.</summary>
internal sealed class LoopDriver : IDisposable
{
    public const int VocabularySize = 64;
    private readonly EngineConfig _config;
    private readonly LiveSequences _live = new();
    private readonly LoadBoard _load;
    private readonly EngineLoop _loop;

    public LoopDriver(
        int numBlocks,
        int blockSize = 8,
        int maxBatchedTokens = 64,
        int maxNumSequences = 16,
        int? maxModelLength = null,
        bool prefixCaching = true,
        IEngineListener? listener = null,
        MockModelConfig? model = null)
    {
        EngineConfig config = _config = new() { Worker = new WorkerId(9), Generation = 3, EnablePrefixCaching = prefixCaching };
        StepLimits limits = new()
        {
            MaxBatchedTokens = maxBatchedTokens,
            MaxNumSequences = maxNumSequences,
            MaxLogitRows = maxNumSequences,
            MaxModelLength = maxModelLength ?? numBlocks * blockSize,
            BlockSize = blockSize,
        };
        MockModelRunner runner = new((model ?? new MockModelConfig()) with { VocabularySize = VocabularySize });
        runner.Prepare(limits, numBlocks);
        MaxModelLength = limits.MaxModelLength;
        _load = new LoadBoard(config);
        _loop = new EngineLoop(config, new LocalStepExecutor(runner, limits), limits, numBlocks, listener ?? Listener, _live, _load, TimeProvider.System);
    }

    public RecordingListener Listener { get; } = new();

    public int MaxModelLength { get; }

    public int NumLive => _live.Count;

    public LoadReport Load => _load.Report(_live.Count);

    /// <summary>Adds a sequence as a submit does; a later attempt ends the one before.</summary>
    public Sequence Submit(GenerationRequest request)
    {
        Sequence sequence = new(request, null, MaxModelLength);
        Assert.Equal(SubmitStatus.Accepted, _live.TryAdd(sequence, 1000, out _));
        _loop.Take(new InboxItem(sequence, IsAbort: false));
        return sequence;
    }

    public void Abort(Sequence sequence)
    {
        Assert.True(_live.Remove(sequence));
        _loop.Take(new InboxItem(sequence, IsAbort: true));
    }

    /// <summary>Posts to the loop in whatever order a test wants.</summary>
    public void Take(Sequence sequence, bool isAbort) => _loop.Take(new InboxItem(sequence, isAbort));

    public bool Step() => _loop.Step();

    /// <summary>A page of the list of cached blocks, taken between two steps.</summary>
    public async Task<KVBlockPage> ListAsync(int from)
    {
        BlockPageRequest request = new(from);
        _loop.List(request);
        return (await request.PageAsync(_config))!;
    }

    public void ForgetCached() => _loop.ForgetCached();

    public void RunToEnd()
    {
        for (int i = 0; _loop.Step(); i++)
        {
            Assert.InRange(i, 0, 10_000);
        }

        Assert.Equal((0, 0), (_live.Count, Load.NumUsedBlocks));
        Assert.Empty(Listener.Faults);
    }

    public void Dispose() => _loop.Dispose();
}
