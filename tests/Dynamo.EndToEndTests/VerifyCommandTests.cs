using Xunit;

namespace Dynamo.EndToEndTests;

public sealed class VerifyCommandTests
{
    [Theory]
    [InlineData("float32")]
    [InlineData("bfloat16")]
    public async Task Verify_BundledModel_IsWithinBounds(string dtype)
    {
        (int exitCode, string output, string error) = await DynamoProcess.RunAsync("verify", Repository.DemoModel, "--dtype", dtype);

        Assert.True(exitCode == 0, output + error);
        Assert.Contains("all within bounds", output);
    }

    [Fact]
    public async Task Verify_BoundBelowTheError_FailsAndNamesTheFirstDifference()
    {
        (int exitCode, string output, _) = await DynamoProcess.RunAsync("verify", Repository.DemoModel, "--dtype", "float32", "--max-error", "1e-9");

        Assert.Equal(1, exitCode);
        Assert.Contains("largest logit difference: prompt ", output);
        Assert.Contains("NOT within bounds", output);
    }

    [Theory]
    [InlineData("config.json", "{\"architectures\":[\"FancyForCausalLM\"]}", "dynamo: config.json: architectures")]
    [InlineData("config.json", "{", "dynamo: config.json: is not valid JSON")]
    [InlineData("model.safetensors", "\u0001", "dynamo: model.safetensors")]
    [InlineData("tokenizer.json", "{\"model\":{\"type\":\"Fancy\"}}", "dynamo: tokenizer.json: model.type")]
    [InlineData("tokenizer_config.json", "{\"chat_template\":\"{% for %}\"}", "dynamo: tokenizer_config.json: chat_template")]
    public async Task Verify_DamagedFile_IsOneLineThatNamesIt(string file, string content, string expected)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("dynamo-verify-");
        try
        {
            foreach (string source in Directory.GetFiles(Repository.DemoModel))
            {
                File.Copy(source, Path.Combine(folder.FullName, Path.GetFileName(source)));
            }

            File.WriteAllText(Path.Combine(folder.FullName, file), content);

            (int exitCode, _, string error) = await DynamoProcess.RunAsync("verify", folder.FullName);

            Assert.Equal(1, exitCode);
            Assert.StartsWith(expected, error);
            Assert.Single(error.TrimEnd().Split('\n'));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
