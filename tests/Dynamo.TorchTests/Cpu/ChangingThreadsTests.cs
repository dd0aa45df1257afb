using Dynamo.Engine.Execution;
using Dynamo.Engine.Sharing;
using Dynamo.Torch;
using Dynamo.TorchTests.Configuration;
using Dynamo.TorchTests.Support;
using Dynamo.TorchTests.Weights;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.TorchTests.Cpu;

/// <summary>A runner whose threads become fewer and more between steps, as other workers of the host have work and have none.</summary>
[Trait("Category", "Exactness")]
public sealed class ChangingThreadsTests : IDisposable
{
    private const int Length = 48;
    private const int Vocabulary = 131;

    private readonly TemporaryFolder _model = new();
    private readonly TemporaryFolder _host = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose()
    {
        _model.Dispose();
        _host.Dispose();
    }

    [Theory]
    [InlineData("LlamaForCausalLM", """{"hidden_size":256,"num_attention_heads":8,"num_key_value_heads":2}""", "bfloat16")]
    [InlineData("LlamaForCausalLM", """{"hidden_size":256,"num_attention_heads":8,"num_key_value_heads":2}""", "float32")]
    [InlineData("MixtralForCausalLM", """{"hidden_size":64,"num_attention_heads":4,"num_key_value_heads":1,"num_local_experts":4,"num_experts_per_tok":2}""", "bfloat16")]
    public void Execute_ThreadsChangeBetweenSteps_SameBits(string architecture, string fields, string dtype)
    {
        _ = RandomCheckpoint.Write(
            _model,
            ConfigJson.Minimal(architecture).With("""{"num_hidden_layers":2,"intermediate_size":96,"vocab_size":131,"torch_dtype":"bfloat16"}""").With(fields),
            "BF16",
            seed: 11);
        Random random = new(1);
        int[] prompt = [.. Enumerable.Range(0, Length).Select(_ => random.Next(Vocabulary))];
        using IModelRunner steady = RunnerKinds.Load(RunnerKind.Cpu, _model.Path, dtype, numThreads: 2);
        RunnerDriver expected = new(steady, numSequences: 1, Length, Length, blockSize: 16);

        using CoreSharing other = Join();
        CoreSharing cores = Join();
        using IModelRunner runner = new TorchModelRunnerFactory(_ => cores) { LayerCheckTime = TimeSpan.Zero }.Load(
            new ModelLoadOptions { ModelPath = _model.Path, DType = dtype }, null, CancellationToken.None);
        RunnerDriver driver = new(runner, numSequences: 1, Length, Length, blockSize: 16);
        List<int> threads = [];
        int done = 0;
        foreach (int count in (int[])[17, 1, 1, 1, 13, 1, 1, 8, 1, 1, 1, 2])
        {
            if (threads.Count % 2 == 1)
            {
                _ = other.Begin();
            }
            else
            {
                other.End();
                _time.Advance(TimeSpan.FromSeconds(1));
            }

            ReadOnlyMemory<int> tokens = prompt.AsMemory(done, count);
            Assert.Equal(expected.Step([tokens], allLogits: true), driver.Step([tokens], allLogits: true));
            threads.Add(cores.Begin());
            done += count;
        }

        Assert.Equal(Length, done);
        Assert.Equal([2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1], threads);
    }

    private CoreSharing Join() => new(
        ClaimTable<CoreClaim>.TryTake(_host.Path, "cores"), new CoreClaim { Processors = CpuSet.Of(0, 1), NumThreads = 2 }, _time);
}
