using System.Diagnostics;
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

    [Theory]
    [InlineData("llama3-tied", "float32")]
    [InlineData("llama3-tied", "bfloat16")]
    [InlineData("mistral-window", "float32")]
    [InlineData("mistral-window", "bfloat16")]
    public async Task Verify_GoldenCheckpoint_IsWithinBounds(string name, string dtype)
    {
        string folder = Path.Combine(Repository.Root, "tests", "goldens", "numeric", name);

        (int exitCode, string output, string error) = await InProcess.RunAsync("verify", folder, "--dtype", dtype);

        Assert.True(exitCode == 0, output + error);
        Assert.Contains($", {dtype}; bound", output);
        Assert.Contains("all within bounds", output);
    }

    [Fact]
    public async Task Verify_BoundBelowTheError_FailsAndNamesTheFirstDifference()
    {
        (int exitCode, string output, _) = await InProcess.RunAsync("verify", Repository.DemoModel, "--dtype", "float32", "--max-error", "1e-9");

        Assert.Equal(1, exitCode);
        Assert.Contains("largest logit difference: prompt ", output);
        Assert.Contains("NOT within bounds", output);
    }

    [Theory]
    [InlineData("config.json", "{\"architectures\":[\"FancyForCausalLM\"]}", "dynamo: config.json: architectures")]
    [InlineData("config.json", "{", "dynamo: config.json: is not valid JSON")]
    [InlineData("config.json", "", "dynamo: config.json: is empty")]
    [InlineData("config.json", "{\"architectures\":[\"LlamaForCausalLM\"],\"num_hidden_layers\":1000000000}", "dynamo: config.json: num_hidden_layers: is 1000000000")]
    [InlineData("model.safetensors", "\u0001", "dynamo: model.safetensors")]
    [InlineData("model.safetensors", "\u0002\0\0\0\0\0\0\0{}", "dynamo: model.safetensors: model.embed_tokens.weight: is missing")]
    [InlineData("golden.safetensors", "\u0002\0\0\0\0\0\0\0{}", "dynamo: golden.safetensors: prompt.0: is missing")]
    [InlineData("tokenizer.json", "{\"model\":{\"type\":\"Fancy\"}}", "dynamo: tokenizer.json: model.type")]
    [InlineData("tokenizer_config.json", "{\"chat_template\":\"{% for %}\"}", "dynamo: tokenizer_config.json: chat_template")]
    public async Task Verify_DamagedFile_IsOneLineThatNamesIt(string file, string content, string expected)
    {
        using DamagedFolder folder = new();
        File.WriteAllText(folder.File(file), content);

        await folder.AssertRefusedAsync(expected);
    }

    [Theory]
    [InlineData("config.json", "config.json", "dynamo: config.json: cannot be read")]
    [InlineData("model.safetensors", "model.safetensors", "dynamo: model.safetensors: cannot be opened")]
    [InlineData("model.safetensors", "/dev/zero", "dynamo: model.safetensors: is empty or not a regular file")]
    [InlineData("golden.safetensors", "/proc/self/mem", "dynamo: golden.safetensors: is empty or not a regular file")]
    public async Task Verify_LinkToItselfOrADevice_IsOneLineThatNamesIt(string file, string target, string expected)
    {
        using DamagedFolder folder = new();
        File.Delete(folder.File(file));
        File.CreateSymbolicLink(folder.File(file), target);

        await folder.AssertRefusedAsync(expected);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.json")]
    public async Task Verify_PipeForAFile_IsNotWaitedFor(string file)
    {
        using DamagedFolder folder = new();
        File.Delete(folder.File(file));
        using (Process mkfifo = Process.Start("mkfifo", folder.File(file)))
        {
            await mkfifo.WaitForExitAsync();
        }

        await folder.AssertRefusedAsync($"dynamo: {file}: is empty or not a regular file");
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/passwd")]
    public async Task Verify_IndexThatLeavesTheFolder_IsOneLineThatNamesTheEntry(string shard)
    {
        using DamagedFolder folder = new();
        File.Delete(folder.File("model.safetensors"));
        File.WriteAllText(folder.File("model.safetensors.index.json"), $$$"""{"weight_map":{"model.norm.weight":"{{{shard}}}"}}""");

        await folder.AssertRefusedAsync($"dynamo: model.safetensors.index.json: weight_map.model.norm.weight: '{shard}' is not the name");
    }

    [Fact]
    public async Task Verify_WeightsLargerThanTheMachine_AreRefusedBeforeTheyAreRead()
    {
        using DamagedFolder folder = new();

        // A hole of 8 TiB takes no room on disk.
        const long numElements = 1L << 42;
        string header = $$$"""{"a":{"dtype":"BF16","shape":[{{{numElements}}}],"data_offsets":[0,{{{2 * numElements}}}]}}""";
        using (FileStream file = File.Create(folder.File("model.safetensors")))
        {
            file.Write(BitConverter.GetBytes((long)header.Length));
            file.Write(System.Text.Encoding.UTF8.GetBytes(header));
            file.SetLength(8 + header.Length + (2 * numElements));
        }

        await folder.AssertRefusedAsync("dynamo: The weights take ");
    }

    [Fact]
    public async Task Verify_AFileForAFolder_IsOneLine()
    {
        string path = Path.Combine(Repository.DemoModel, "config.json");

        Assert.Equal((1, "", $"dynamo: there is no folder {path}.\n"), await InProcess.RunAsync("verify", path));
    }

    /// <summary>A copy of the bundled model for one test to damage, with the reference's answers beside the weights, where they may lie too.</summary>
    private sealed class DamagedFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-verify-");

        public DamagedFolder()
        {
            foreach (string source in Directory.GetFiles(Repository.DemoModel).Concat(Directory.GetFiles(Path.Combine(Repository.DemoModel, "reference"))))
            {
                System.IO.File.Copy(source, File(Path.GetFileName(source)));
            }
        }

        public string File(string name) => Path.Combine(_folder.FullName, name);

        /// <summary>Runs verify: one line that starts so, exit code 1, and nothing that looks like a stack trace.</summary>
        public async Task AssertRefusedAsync(string start)
        {
            (int exitCode, _, string error) = await InProcess.RunAsync("verify", _folder.FullName);

            Assert.Equal(1, exitCode);
            Assert.StartsWith(start, error);
            Assert.Single(error.TrimEnd().Split('\n'));
        }

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
