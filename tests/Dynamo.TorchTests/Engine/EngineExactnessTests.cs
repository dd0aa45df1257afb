using Dynamo.Engine.Configuration;
using Dynamo.Protocol.Load;
using Dynamo.TorchTests.Configuration;
using Dynamo.TorchTests.Support;
using Dynamo.TorchTests.Weights;
using Xunit;

namespace Dynamo.TorchTests.Engine;

/// <summary>
/// Whatever the engine does with a sequence, each of its tokens is chosen from the same bits: every logit of every step is compared with those
/// of the sequence alone, in one chunk, without prefix cache.
/// </summary>
[Trait("Category", "Exactness")]
public sealed class EngineExactnessTests : IDisposable
{
    private const int NumOutputs = 20;
    private const int PromptLength = 75;
    private const int MaxLength = PromptLength + NumOutputs + 1;
    private const int Vocabulary = 131;
    private const string Common = """{"num_hidden_layers":2,"intermediate_size":96,"vocab_size":131,"torch_dtype":"bfloat16"}""";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, string> Models
    {
        get
        {
            TheoryData<string, string, string> models = [];
            foreach (string dtype in (string[])["bfloat16", "float32"])
            {
                models.Add("LlamaForCausalLM", """{"hidden_size":64,"num_attention_heads":6,"num_key_value_heads":2,"head_dim":24}""", dtype);
                models.Add("MistralForCausalLM", """{"hidden_size":64,"num_attention_heads":6,"num_key_value_heads":2,"head_dim":64,"sliding_window":20}""", dtype);
                models.Add("MixtralForCausalLM", """{"hidden_size":64,"num_attention_heads":4,"num_key_value_heads":2,"num_local_experts":4,"num_experts_per_tok":2}""", dtype);
            }

            return models;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Generate_AnyChunkBlockSizeOrThreads_GivesTheSameBits(string architecture, string fields, string dtype)
    {
        Write(architecture, fields);
        Recording expected = await AloneAsync(Prompt(1), dtype, Config());

        foreach (int chunk in (int[])[1, 7, 32])
        {
            (await AloneAsync(Prompt(1), dtype, Config() with { MaxBatchedTokens = chunk })).AssertEqual(expected, $"chunks of {chunk}");
        }

        foreach (int blockSize in (int[])[8, 16, 64])
        {
            (await AloneAsync(Prompt(1), dtype, Config() with { BlockSize = blockSize })).AssertEqual(expected, $"blocks of {blockSize}");
        }

        (await AloneAsync(Prompt(1), dtype, Config(), numThreads: 1)).AssertEqual(expected, "one thread");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Generate_InACrowdThatIsPreemptedAndAborted_GivesTheBitsOfEachAlone(string architecture, string fields, string dtype)
    {
        Write(architecture, fields);
        const int numSequences = 6;
        int[][] prompts = [.. Enumerable.Range(2, numSequences).Select(Prompt)];

        // Room for three and a half of six, so the last ones admitted are preempted; chunks smaller than a prompt, so steps mix prefill and decode.
        EngineConfig config = Config() with { MaxNumSequences = numSequences, MaxBatchedTokens = 50, BlockSize = 16, NumBlocks = 21, EnablePrefixCaching = true };
        await using RecordingEngine engine = new(_folder.Path, dtype, config, numThreads: 2);
        await engine.Ready;
        Recording[] neighbours = [];
        Recording[] crowd = [];

        // Submitted on the engine thread, between two steps, so that all are there at the next.
        await engine.Submit(Prompt(19), numOutputs: 1, _ =>
        {
            neighbours = [engine.Submit(Prompt(20), NumOutputs, Abort), engine.Submit(Prompt(21), NumOutputs, Abort)];
            crowd = [.. prompts.Select(prompt => engine.Submit(prompt, NumOutputs))];
        }).Done;
        await Task.WhenAll(crowd.Select(static recording => recording.Done));

        Assert.True(engine.Report.NumPreemptions > 0);
        Assert.True(engine.HadScatteredBlocks);
        Assert.All(neighbours, static neighbour => Assert.InRange(neighbour.Tokens.Count, 3, NumOutputs - 1));
        for (int i = 0; i < numSequences; i++)
        {
            crowd[i].AssertEqual(await AloneAsync(prompts[i], dtype, Config()), $"sequence {i}");
        }

        void Abort(Recording neighbour)
        {
            if (neighbour.Tokens.Count == 3)
            {
                engine.Abort(neighbour);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Generate_AfterAPrefixHit_GivesTheBitsOfAMiss(string architecture, string fields, string dtype)
    {
        Write(architecture, fields);
        int[] prompt = Prompt(30);
        int[] sibling = [.. prompt.AsSpan(0, 40), .. Prompt(31).AsSpan(0, 30)];
        await using RecordingEngine engine = new(_folder.Path, dtype, Config() with { BlockSize = 16, EnablePrefixCaching = true }, numThreads: 2);
        await engine.Ready;
        List<Recording> recordings = [];
        foreach (int[] next in (int[][])[prompt, sibling, prompt])
        {
            recordings.Add(engine.Submit(next, NumOutputs));
            await recordings[^1].Done;
        }

        Assert.Equal([0, 32, 64], recordings.Select(static recording => recording.NumCachedTokens));
        recordings[1].AssertEqual(await AloneAsync(sibling, dtype, Config()), "a shared prefix");
        recordings[2].AssertEqual(await AloneAsync(prompt, dtype, Config()), "the same prompt again");
    }

    public void Dispose() => _folder.Dispose();

    private static EngineConfig Config() => new()
    {
        Worker = new WorkerId(1),
        Generation = 1,
        MaxModelLength = MaxLength,
        MaxNumSequences = 1,
        MaxBatchedTokens = 512,
        NumBlocks = 64,
        EnablePrefixCaching = false,
    };

    private static int[] Prompt(int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, PromptLength).Select(_ => random.Next(Vocabulary))];
    }

    private void Write(string architecture, string fields) =>
        _ = RandomCheckpoint.Write(_folder, ConfigJson.Minimal(architecture).With(Common).With(fields), "BF16", seed: 21);

    private async Task<Recording> AloneAsync(int[] prompt, string dtype, EngineConfig config, int numThreads = 2)
    {
        await using RecordingEngine engine = new(_folder.Path, dtype, config, numThreads);
        await engine.Ready;
        Recording recording = engine.Submit(prompt, NumOutputs);
        await recording.Done;
        return recording;
    }
}
