using System.Text;
using System.Text.Json.Nodes;
using Dynamo.Engine.Execution;
using Dynamo.Protocol.Models;
using Dynamo.TorchTests.Configuration;
using Dynamo.TorchTests.Support;
using Dynamo.TorchTests.Weights;
using Xunit;

namespace Dynamo.TorchTests.Runners;

/// <summary>
/// Damages a good model folder at random, from fixed seeds: whatever comes of it either loads and computes a step, or is refused in one line
/// that names a file of the folder. Nothing else may be thrown, and nothing may crash.
/// </summary>
public sealed class HostileFolderTests : IDisposable
{
    private const int LoadsPerSeed = 150;
    private const string Weights = "model.safetensors";
    private const string FirstShard = "model-00001-of-00002.safetensors";
    private const string SecondShard = "model-00002-of-00002.safetensors";
    private const string Index = "model.safetensors.index.json";
    private const string Config = """
        {"num_hidden_layers":1,"hidden_size":8,"intermediate_size":6,"vocab_size":16,"num_attention_heads":2,"num_key_value_heads":1,"head_dim":4,
         "num_local_experts":2,"num_experts_per_tok":1,"sliding_window":4,"max_position_embeddings":64,"rms_norm_eps":1e-5,"rope_theta":10000.0,
         "rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":32},
         "hidden_act":"silu","tie_word_embeddings":false,"bos_token_id":1,"eos_token_id":[2,3],"torch_dtype":"bfloat16","model_type":"mixtral"}
        """;

    private static readonly string[] OddValues =
    [
        "null", "true", "\"\"", "\"x\"", "[]", "{}", "[null]", "[[1]]", "{\"a\":1}", "0", "-1", "1", "2", "3", "7", "0.5", "-0.0", "1e308", "1e-320", "1e999",
        "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "18446744073709551616", "4096", "65536", "16777216", "\"\\ud800\"",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, byte[]> _good;

    public HostileFolderTests() => _good = WriteGood();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Load_RandomlyDamagedFolder_IsServedOrRefusedInOneLine(int seed)
    {
        Random random = new(seed);
        int numRefused = 0;
        for (int i = 0; i < LoadsPerSeed; i++)
        {
            string damaged = Damage(random);
            numRefused += IsRefused($"seed {seed}, load {i}, {damaged}") ? 1 : 0;
            _folder.Write(damaged, _good[damaged]);
        }

        // Most damage is seen; some, such as another rms_norm_eps, makes just another model.
        Assert.InRange(numRefused, LoadsPerSeed / 2, LoadsPerSeed - 1);
    }

    public void Dispose() => _folder.Dispose();

    private bool IsRefused(string what)
    {
        try
        {
            using IModelRunner runner = RunnerKinds.Load(RunnerKind.Cpu, _folder.Path, "float32", numThreads: 1);
            float[] logits = new RunnerDriver(runner, numSequences: 1, maxLength: 8, maxRows: 4, blockSize: 8).Step([new[] { 1, 2, 3 }], allLogits: true);
            Assert.Equal(3 * runner.Shape.VocabularySize, logits.Length);
            return false;
        }
        catch (ModelFolderException e)
        {
            Assert.True(_good.ContainsKey(e.File) || e.File == Weights, $"{what}: {e.Message}");
            Assert.True(e.Message.Length < 700 && !e.Message.Any(char.IsControl), $"{what}: {e.Message}");
            return true;
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
            throw;
        }
    }

    private string Damage(Random random)
    {
        string file = new[] { "config.json", "config.json", Index, FirstShard }[random.Next(4)];
        byte[] content = _good[file];
        int headerEnd = file == FirstShard ? 8 + BitConverter.ToInt32(content, 0) : content.Length;
        _folder.Write(file, random.Next(file == "config.json" ? 6 : 4) switch
        {
            0 => Flipped(random, content, headerEnd),
            1 => content[..random.Next(content.Length)],
            2 => Spliced(random, content, headerEnd),
            3 => Digits(random, content, headerEnd),
            _ => WithOddField(random, content),
        });
        return file;
    }

    private static byte[] Flipped(Random random, byte[] content, int end)
    {
        byte[] copy = [.. content];
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            copy[random.Next(end)] ^= (byte)(1 << random.Next(8));
        }

        return copy;
    }

    // Takes a piece out, or puts one in twice.
    private static byte[] Spliced(Random random, byte[] content, int end)
    {
        int start = random.Next(end);
        int length = random.Next(1, Math.Min(40, end - start) + 1);
        return random.Next(2) == 0
            ? [.. content.AsSpan(0, start), .. content.AsSpan(start + length)]
            : [.. content.AsSpan(0, start + length), .. content.AsSpan(start)];
    }

    // Replaces a digit: sizes, offsets and counts that are nearly right.
    private static byte[] Digits(Random random, byte[] content, int end)
    {
        byte[] copy = [.. content];
        int[] digits = [.. Enumerable.Range(0, end).Where(i => char.IsAsciiDigit((char)copy[i]))];
        copy[digits[random.Next(digits.Length)]] = (byte)('0' + random.Next(10));
        return copy;
    }

    private static byte[] WithOddField(Random random, byte[] content)
    {
        JsonObject config = JsonNode.Parse(content)!.AsObject();
        JsonObject target = random.Next(4) == 0 ? config["rope_scaling"]!.AsObject() : config;
        string name = target.ElementAt(random.Next(target.Count)).Key;
        target[name] = "(odd)";
        return Encoding.UTF8.GetBytes(config.ToJsonString().Replace("\"(odd)\"", OddValues[random.Next(OddValues.Length)], StringComparison.Ordinal));
    }

    private Dictionary<string, byte[]> WriteGood()
    {
        RandomCheckpoint checkpoint = RandomCheckpoint.Write(_folder, ConfigJson.Minimal("MixtralForCausalLM").With(Config), "F32", seed: 1);
        File.Delete(Path.Combine(_folder.Path, Weights));
        Dictionary<string, string> shardOf = [];
        foreach ((string shard, int parity) in new[] { (FirstShard, 0), (SecondShard, 1) })
        {
            SafetensorsWriter writer = new();
            foreach ((string name, (float[] values, long[] shape)) in checkpoint.Tensors.Where((_, i) => i % 2 == parity))
            {
                _ = writer.Add<float>(name, "F32", shape, values);
                shardOf.Add(name, shard);
            }

            _folder.Write(shard, writer.ToArray());
        }

        _folder.Write(Index, new JsonObject { ["weight_map"] = new JsonObject(shardOf.Select(static s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))) }.ToJsonString());
        return Directory.GetFiles(_folder.Path).ToDictionary(static path => Path.GetFileName(path), File.ReadAllBytes);
    }
}
