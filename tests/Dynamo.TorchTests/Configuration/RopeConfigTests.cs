using Dynamo.Torch.Configuration;
using Xunit;

namespace Dynamo.TorchTests.Configuration;

public sealed class RopeConfigTests
{
    [Fact]
    public void ComputeInverseFrequencies_Default_AreThePowersOfTheta()
    {
        RopeConfig rope = new() { Kind = RopeKind.Default, Theta = 10000 };

        Assert.Equal([1f, 0.1f, 0.01f, 0.001f], rope.ComputeInverseFrequencies(8), static (a, b) => Math.Abs(a - b) <= 1e-7f * b);
    }

    [Fact]
    public void ComputeInverseFrequencies_Linear_AreDividedByTheFactor()
    {
        RopeConfig rope = new() { Kind = RopeKind.Linear, Theta = 10000, Factor = 4 };

        Assert.Equal([0.25f, 0.025f, 0.0025f, 0.00025f], rope.ComputeInverseFrequencies(8), static (a, b) => Math.Abs(a - b) <= 1e-7f * b);
    }

    [Theory] // Llama 3.1: theta 5e5, head 128, factor 8, low 1, high 4, 8192 positions; from the published formula in double.
    [InlineData(0, 1.0)]
    [InlineData(1, 0.814617234)]
    [InlineData(28, 3.21144599e-3)]
    [InlineData(29, 2.16657076e-3)]
    [InlineData(30, 1.37189357e-3)]
    [InlineData(32, 5.24846161e-4)]
    [InlineData(34, 1.78507813e-4)]
    [InlineData(35, 9.55621235e-5)]
    [InlineData(63, 3.06892599e-7)]
    public void ComputeInverseFrequencies_Llama31_IsThePublishedTable(int index, double expected)
    {
        RopeConfig rope = new() { Kind = RopeKind.Llama3, Theta = 5e5, Factor = 8, LowFrequencyFactor = 1, HighFrequencyFactor = 4, OriginalMaxPositions = 8192 };

        Assert.Equal(1, rope.ComputeInverseFrequencies(128)[index] / expected, 1e-6);
    }

    [Theory]
    [InlineData("""{"rope_theta":5e5,"rope_scaling":{"type":"linear","factor":2}}""")]
    [InlineData("""{"rope_theta":500000,"rope_scaling":{"rope_type":"linear","factor":2.0}}""")]
    [InlineData("""{"rope_parameters":{"rope_theta":5e5,"rope_type":"linear","factor":2.0}}""")]
    [InlineData("""{"rope_theta":1e4,"rope_parameters":{"rope_theta":5e5,"type":"linear","factor":2.0}}""")]
    [InlineData("""{"rope_theta":5e5,"rope_parameters":{"rope_type":"linear","factor":2.0},"rope_scaling":{"type":"linear","factor":2}}""")]
    public void Load_EverySpelling_IsTheSame(string fields) => Assert.Equal(
        new RopeConfig { Kind = RopeKind.Linear, Theta = 5e5, Factor = 2 },
        ConfigJson.Load(ConfigJson.Minimal("LlamaForCausalLM").With(fields)).Rope);

    [Theory]
    [InlineData("""{"original_max_position_embeddings":256}""", 256)]
    [InlineData("""{}""", 2048)] // the model's own positions, as transformers 5 fills in
    public void Load_Llama3_ReadsOriginalPositions(string extra, int expected)
    {
        string rope = """{"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4}}""";
        System.Text.Json.Nodes.JsonObject config = ConfigJson.Minimal("LlamaForCausalLM").With(rope);
        _ = config["rope_scaling"]!.AsObject().With(extra);

        Assert.Equal(expected, ConfigJson.Load(config).Rope.OriginalMaxPositions);
    }

    [Fact]
    public void Load_EmptyRopeScaling_IsDefault() =>
        Assert.Equal(RopeKind.Default, ConfigJson.Load(ConfigJson.Minimal("LlamaForCausalLM").With("""{"rope_scaling":{}}""")).Rope.Kind);
}
