using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Weights;
using Dynamo.TorchTests.Weights;

namespace Dynamo.TorchTests.Support;

/// <summary>A small model of any shape with random weights, each exactly a float16, a bfloat16 and a float32 number.</summary>
internal sealed class RandomCheckpoint
{
    private readonly Random _random;

    private RandomCheckpoint(ModelConfig config, int seed)
    {
        Config = config;
        _random = new Random(seed);
    }

    public ModelConfig Config { get; }

    /// <summary>Values and shape of each tensor.</summary>
    public Dictionary<string, (float[] Values, long[] Shape)> Tensors { get; } = [];

    /// <summary>Makes a model and writes it to a folder.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="config">Content of config.json.</param>
    /// <param name="dtype">F32, F16 or BF16.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="change">Changes the tensors before they are written.</param>
    public static RandomCheckpoint Write(TemporaryFolder folder, JsonObject config, string dtype, int seed, Action<RandomCheckpoint>? change = null)
    {
        folder.Write("config.json", config.ToJsonString());
        RandomCheckpoint checkpoint = new(ModelConfig.Load(folder.Model), seed);
        checkpoint.AddAll();
        change?.Invoke(checkpoint);
        SafetensorsWriter writer = new();
        foreach ((string name, (float[] values, long[] shape)) in checkpoint.Tensors)
        {
            _ = dtype switch
            {
                "F16" => writer.Add<Half>(name, dtype, shape, Array.ConvertAll(values, static v => (Half)v)),
                "BF16" => writer.Add<ushort>(name, dtype, shape, Array.ConvertAll(values, WeightConversion.ToBFloat16)),
                _ => writer.Add<byte>(name, dtype, shape, MemoryMarshal.AsBytes(values.AsSpan())),
            };
        }

        folder.Write("model.safetensors", writer.ToArray());
        return checkpoint;
    }

    public void Add(string name, params long[] shape)
    {
        bool isNorm = name.Contains("norm", StringComparison.Ordinal);
        float[] values = new float[shape.Aggregate(1L, static (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            // 7 bits in steps of 1/512, so about as large as trained weights of this width; norms around 1.
            values[i] = isNorm ? _random.Next(48, 80) / 64f : _random.Next(-127, 128) / 512f;
        }

        Tensors.Add(name, (values, shape));
    }

    private void AddAll()
    {
        Add("model.embed_tokens.weight", Config.VocabularySize, Config.HiddenSize);
        for (int i = 0; i < Config.NumLayers; i++)
        {
            AddLayer($"model.layers.{i}");
        }

        Add("model.norm.weight", Config.HiddenSize);
        if (!Config.TieWordEmbeddings)
        {
            Add("lm_head.weight", Config.VocabularySize, Config.HiddenSize);
        }
    }

    private void AddLayer(string layer)
    {
        Add($"{layer}.input_layernorm.weight", Config.HiddenSize);
        Add($"{layer}.post_attention_layernorm.weight", Config.HiddenSize);
        AddLinear($"{layer}.self_attn.q_proj", Config.QuerySize, Config.HiddenSize, Config.QkvBias);
        AddLinear($"{layer}.self_attn.k_proj", Config.KVSize, Config.HiddenSize, Config.QkvBias);
        AddLinear($"{layer}.self_attn.v_proj", Config.KVSize, Config.HiddenSize, Config.QkvBias);
        AddLinear($"{layer}.self_attn.o_proj", Config.HiddenSize, Config.QuerySize, Config.OutputBias);
        if (Config.QKNorm)
        {
            Add($"{layer}.self_attn.q_norm.weight", Config.HeadDim);
            Add($"{layer}.self_attn.k_norm.weight", Config.HeadDim);
        }

        if (Config.NumExperts == 0)
        {
            AddMlp($"{layer}.mlp.gate_proj", $"{layer}.mlp.up_proj", $"{layer}.mlp.down_proj");
            return;
        }

        Add($"{layer}.block_sparse_moe.gate.weight", Config.NumExperts, Config.HiddenSize);
        for (int e = 0; e < Config.NumExperts; e++)
        {
            string expert = $"{layer}.block_sparse_moe.experts.{e}";
            AddMlp($"{expert}.w1", $"{expert}.w3", $"{expert}.w2");
        }
    }

    private void AddMlp(string gate, string up, string down)
    {
        AddLinear(gate, Config.IntermediateSize, Config.HiddenSize, Config.MlpBias);
        AddLinear(up, Config.IntermediateSize, Config.HiddenSize, Config.MlpBias);
        AddLinear(down, Config.HiddenSize, Config.IntermediateSize, Config.MlpBias);
    }

    private void AddLinear(string name, long outputs, long inputs, bool hasBias)
    {
        Add($"{name}.weight", outputs, inputs);
        if (hasBias)
        {
            Add($"{name}.bias", outputs);
        }
    }
}
