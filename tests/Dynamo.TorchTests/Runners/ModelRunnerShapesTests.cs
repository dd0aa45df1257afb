using Dynamo.Engine.Execution;
using Dynamo.TorchTests.Configuration;
using Dynamo.TorchTests.Support;
using Dynamo.TorchTests.Weights;
using Xunit;

namespace Dynamo.TorchTests.Runners;

/// <summary>Both runners against plain double-precision loops, in shapes that no golden checkpoint has.</summary>
public sealed class ModelRunnerShapesTests : IDisposable
{
    private const string Small = """{"num_hidden_layers":2,"intermediate_size":52,"vocab_size":131,"torch_dtype":"float32"}""";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [ClassData(typeof(ModelShapes))]
    public void Execute_Float32InChunks_AgreesWithPlainLoops(string what, string architecture, string dtype, string fields)
    {
        RandomCheckpoint checkpoint = Write(architecture, dtype, fields);
        int[][] prompts = Prompts(checkpoint);
        double[][] expected = Expected(checkpoint, prompts);
        foreach (RunnerKind kind in Enum.GetValues<RunnerKind>())
        {
            List<float>[] logits = InChunks(kind, "float32", prompts, checkpoint.Config.VocabularySize);
            for (int i = 0; i < prompts.Length; i++)
            {
                Assert.True(RelativeError.Of(logits[i], expected[i]) <= 3e-6, $"{what}, {kind}, prompt {i}: {RelativeError.Of(logits[i], expected[i]):E2}");
            }
        }
    }

    [Theory]
    [ClassData(typeof(ModelShapes))]
    public void Execute_BFloat16InChunks_IsAsCloseAsItsRounding(string what, string architecture, string dtype, string fields)
    {
        RandomCheckpoint checkpoint = Write(architecture, dtype, fields);
        int[][] prompts = Prompts(checkpoint);
        double[][] expected = Expected(checkpoint, prompts);

        List<float>[] logits = InChunks(RunnerKind.Cpu, "bfloat16", prompts, checkpoint.Config.VocabularySize);

        for (int i = 0; i < prompts.Length; i++)
        {
            Assert.True(RelativeError.Of(logits[i], expected[i]) <= 2e-2, $"{what}, prompt {i}: {RelativeError.Of(logits[i], expected[i]):E2}");
        }
    }

    public void Dispose() => _folder.Dispose();

    private RandomCheckpoint Write(string architecture, string dtype, string fields) =>
        RandomCheckpoint.Write(_folder, ConfigJson.Minimal(architecture).With(Small).With(fields), dtype, seed: 3);

    private static int[][] Prompts(RandomCheckpoint checkpoint)
    {
        Random random = new(4);
        return [.. new[] { 31, 22 }.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(checkpoint.Config.VocabularySize)).ToArray())];
    }

    private static double[][] Expected(RandomCheckpoint checkpoint, int[][] prompts) =>
        Array.ConvertAll(prompts, prompt => new ReferenceModel(checkpoint).Run(prompt).SelectMany(static row => row).ToArray());

    /// <summary>Logits of both prompts, computed side by side: prompt, one more token each, a chunk of one beside a decode of the other.</summary>
    private List<float>[] InChunks(RunnerKind kind, string dtype, int[][] prompts, int vocabularySize)
    {
        using IModelRunner runner = RunnerKinds.Load(kind, _folder.Path, dtype);
        RunnerDriver driver = new(runner, numSequences: 2, maxLength: 40, maxRows: 64, blockSize: 8);
        List<float>[] logits = [[], []];
        int[] done = [0, 0];
        foreach ((int first, int second) in new[] { (7, 20), (1, 1), (22, 1), (1, 0) })
        {
            float[] step = driver.Step([prompts[0].AsMemory(done[0], first), prompts[1].AsMemory(done[1], second)], allLogits: true);
            logits[0].AddRange(step.AsSpan(0, first * vocabularySize));
            logits[1].AddRange(step.AsSpan(first * vocabularySize));
            (done[0], done[1]) = (done[0] + first, done[1] + second);
        }

        return logits;
    }
}
