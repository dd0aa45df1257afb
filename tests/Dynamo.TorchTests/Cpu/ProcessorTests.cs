using Dynamo.Engine.Execution;
using Dynamo.TorchTests.Support;
using Xunit;
using Xunit.Abstractions;

namespace Dynamo.TorchTests.Cpu;

/// <summary>Says which processor the suites of this category have really been run as: instructions may be hidden from this process (tests/processors.sh).</summary>
[Trait("Category", "Exactness")]
public sealed class ProcessorTests(ITestOutputHelper output)
{
    /// <summary>Environment variable with a file that gets the names of numerics classes.</summary>
    private const string Report = "DYNAMO_EXACTNESS_REPORT";

    [Theory]
    [InlineData("bfloat16")]
    [InlineData("float32")]
    public void BundledModel_IsExactOnThisProcessor(string dtype)
    {
        using IModelRunner runner = RunnerKinds.Load(RunnerKind.Cpu, GoldenAnswers.InRepository()[0], dtype);
        _ = new RunnerDriver(runner, numSequences: 4, maxLength: 64, maxRows: 64, blockSize: 16);

        output.WriteLine(runner.NumericsClass);
        if (Environment.GetEnvironmentVariable(Report) is { Length: > 0 } file)
        {
            File.AppendAllText(file, runner.NumericsClass + "\n");
        }

        Assert.StartsWith("cpu-", runner.NumericsClass);
        Assert.Contains($"-{dtype}-", runner.NumericsClass);
    }
}
