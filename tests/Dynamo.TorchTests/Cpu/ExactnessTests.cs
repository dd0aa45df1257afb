using Dynamo.Engine.Execution;
using Dynamo.TorchTests.Configuration;
using Dynamo.TorchTests.Support;
using Dynamo.TorchTests.Weights;
using Xunit;

namespace Dynamo.TorchTests.Cpu;

/// <summary>
/// The promise that everything above rests on: a sequence's logits are the same bits however its prompt is cut, wherever its blocks lie,
/// whatever else is in the batch and however many threads compute it.
/// </summary>
[Trait("Category", "Exactness")]
public sealed class ExactnessTests : IDisposable
{
    private const int Length = 70;
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
                models.Add("LlamaForCausalLM", """{"hidden_size":256,"num_attention_heads":8,"num_key_value_heads":2,"head_dim":32}""", dtype);
                models.Add("Qwen3ForCausalLM", """{"hidden_size":72,"num_attention_heads":3,"num_key_value_heads":3,"head_dim":24}""", dtype);
                models.Add("MistralForCausalLM", """{"hidden_size":64,"num_attention_heads":6,"num_key_value_heads":2,"head_dim":128,"sliding_window":20}""", dtype);
                models.Add("MixtralForCausalLM", """{"hidden_size":64,"num_attention_heads":4,"num_key_value_heads":1,"num_local_experts":4,"num_experts_per_tok":2}""", dtype);
            }

            return models;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Execute_AnyChunking_GivesTheSameBits(string architecture, string fields, string dtype)
    {
        Write(architecture, fields);
        int[] prompt = Prompt(1);
        float[] whole = Alone(prompt, dtype, chunk: 512);

        foreach (int chunk in (int[])[1, 7, 32])
        {
            Assert.True(whole.AsSpan().SequenceEqual(Alone(prompt, dtype, chunk)), $"chunks of {chunk}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Execute_AnyBlockSize_GivesTheSameBits(string architecture, string fields, string dtype)
    {
        Write(architecture, fields);
        int[] prompt = Prompt(2);
        float[] expected = Alone(prompt, dtype, chunk: 32, blockSize: 16);

        foreach (int blockSize in (int[])[32, 64])
        {
            Assert.True(expected.AsSpan().SequenceEqual(Alone(prompt, dtype, chunk: 32, blockSize)), $"blocks of {blockSize}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Execute_OneOrTwoThreads_GivesTheSameBits(string architecture, string fields, string dtype)
    {
        Write(architecture, fields);
        int[] prompt = Prompt(3);

        Assert.True(Alone(prompt, dtype, chunk: 32, numThreads: 1).AsSpan().SequenceEqual(Alone(prompt, dtype, chunk: 32, numThreads: 2)));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Execute_AmongNeighbours_GivesTheBitsOfEachAlone(string architecture, string fields, string dtype)
    {
        Write(architecture, fields);
        int[][] prompts = [.. Enumerable.Range(4, 4).Select(Prompt)];
        using IModelRunner runner = RunnerKinds.Load(RunnerKind.Cpu, _folder.Path, dtype);
        RunnerDriver driver = new(runner, numSequences: 4, maxLength: Length, maxRows: 4 * Length, blockSize: 16);
        List<float>[] together = [[], [], [], []];
        int[] done = new int[4];

        // Prefills of different lengths beside decodes; the last sequence stops early, as if aborted.
        int[][] plan = [[10, 1, 33, 5], [1, 20, 1, 1], [1, 1, 20, 1], [58, 1, 1, 0], [0, 47, 15, 0]];
        foreach (int[] step in plan)
        {
            float[] logits = driver.Step([.. step.Select((count, i) => (ReadOnlyMemory<int>)prompts[i].AsMemory(done[i], count))], allLogits: true);
            int at = 0;
            for (int i = 0; i < 4; i++)
            {
                together[i].AddRange(logits.AsSpan(at, step[i] * Vocabulary));
                at += step[i] * Vocabulary;
                done[i] += step[i];
            }
        }

        Assert.Equal([70, 70, 70, 7], done);
        for (int i = 0; i < 4; i++)
        {
            float[] alone = Alone(prompts[i], dtype, chunk: 512);
            Assert.True(alone.AsSpan(0, together[i].Count).SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(together[i])), $"sequence {i}");
        }
    }

    [Fact]
    public void NumericsClass_AfterTheSelfTest_PromisesExactness()
    {
        Write("LlamaForCausalLM", """{"hidden_size":64,"num_attention_heads":8,"num_key_value_heads":2}""");
        using IModelRunner runner = RunnerKinds.Load(RunnerKind.Cpu, _folder.Path, "bfloat16");
        _ = new RunnerDriver(runner, 1, 16, 16, 16);

        Assert.StartsWith("cpu-", runner.NumericsClass);
        Assert.Contains("-bfloat16-", runner.NumericsClass);
    }

    [Theory]
    [InlineData("bfloat16")]
    [InlineData("float32")]
    public void Execute_WarmedUp_AllocatesNothingManaged(string dtype)
    {
        Write("MixtralForCausalLM", """{"hidden_size":64,"num_attention_heads":4,"num_key_value_heads":1,"num_local_experts":4,"num_experts_per_tok":2}""");
        using IModelRunner runner = RunnerKinds.Load(RunnerKind.Cpu, _folder.Path, dtype);
        StepLimits limits = new() { MaxBatchedTokens = 32, MaxNumSequences = 1, MaxLogitRows = 1, MaxModelLength = 64, BlockSize = 16 };
        runner.Prepare(limits, 4);
        StepBatch batch = new(limits) { NumSequences = 1, NumTokens = 1, NumLogits = 1 };
        batch.RowStarts[1] = 1;
        for (int i = 0; i < 4; i++)
        {
            batch.BlockTables[i] = i;
        }

        _ = runner.Execute(batch);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int position = 1; position < 50; position++)
        {
            batch.Positions[0] = position;
            _ = runner.Execute(batch);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string architecture, string fields) =>
        _ = RandomCheckpoint.Write(_folder, ConfigJson.Minimal(architecture).With(Common).With(fields), "BF16", seed: 11);

    private static int[] Prompt(int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, Length).Select(_ => random.Next(Vocabulary))];
    }

    private float[] Alone(int[] prompt, string dtype, int chunk, int blockSize = 32, int numThreads = 2)
    {
        using IModelRunner runner = RunnerKinds.Load(RunnerKind.Cpu, _folder.Path, dtype, numThreads);
        RunnerDriver driver = new(runner, numSequences: 1, maxLength: Length, maxRows: Length, blockSize);
        List<float> logits = [];
        for (int start = 0; start < prompt.Length; start += chunk)
        {
            logits.AddRange(driver.Step([prompt.AsMemory(start, Math.Min(chunk, prompt.Length - start))], allLogits: true));
        }

        return [.. logits];
    }
}
