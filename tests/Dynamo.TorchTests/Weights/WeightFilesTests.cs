using Dynamo.Protocol.Models;
using Dynamo.Torch.Weights;
using Xunit;

namespace Dynamo.TorchTests.Weights;

public sealed class WeightFilesTests : IDisposable
{
    private const string Index = "model.safetensors.index.json";
    private const string First = "model-00001-of-00002.safetensors";
    private const string Second = "model-00002-of-00002.safetensors";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> LyingIndexes => new()
    {
        { "[]", "object" },
        { "{}", "weight_map" },
        { """{"weight_map":[]}""", "weight_map" },
        { """{"weight_map":{}}""", "weight_map: is empty" },
        { """{"weight_map":{"a":1}}""", "weight_map.a" },
        { """{"weight_map":{"a":""}}""", "weight_map.a" },
        { """{"weight_map":{"a":"/etc/passwd"}}""", "'/etc/passwd'" },
        { """{"weight_map":{"a":"../model-00001-of-00002.safetensors"}}""", "'../model" },
        { """{"weight_map":{"a":"x/../model-00001-of-00002.safetensors"}}""", "weight_map.a" },
        { """{"weight_map":{"a":"..\\model.safetensors"}}""", "weight_map.a: '..\\model.safetensors' is not the name" },
        { """{"weight_map":{"a":"model\u0000.safetensors"}}""", "weight_map.a: 'model .safetensors' is not the name" },
        { """{"weight_map":{"a":"tokenizer.json"}}""", "'tokenizer.json'" },
        { """{"weight_map":{"a":"model-00003-of-00002.safetensors"}}""", "model-00003-of-00002.safetensors is not in the folder" },
        { """{"weight_map":{"a":"model-00002-of-00002.safetensors"}}""", "weight_map.a: is not in model-00002" },
        { """{"weight_map":{"nothing":"model-00001-of-00002.safetensors"}}""", "weight_map.nothing: is not in" },
        { """{"weight_map":{"a":"model-00001-of-00002.safetensors","a":"model-00001-of-00002.safetensors"}}""", "weight_map.a: stands twice" },
        { """{"weight_map":{"\ud800":"model-00001-of-00002.safetensors"}}""", "UTF-8" },
        { """{"weight_map":{"a":"\ud800.safetensors"}}""", "UTF-8" },
    };

    [Fact]
    public void Open_SingleFile_HasItsTensors()
    {
        _folder.Write("model.safetensors", Tensor("a", 1));
        _folder.Write(Index, "not read, as the single file goes first");

        using WeightFiles files = WeightFiles.Open(_folder.Model);

        Assert.Equal(["a"], files.Names);
        Assert.Equal(4, files.TotalBytes);
        Assert.Equal([1f], files.Get("a", 1).ToArray<float>());
    }

    [Fact]
    public void Open_Shards_AreOneCheckpoint()
    {
        WriteShards();
        WriteIndex();

        using WeightFiles files = WeightFiles.Open(_folder.Model);

        Assert.Equal(["a", "b"], files.Names);
        Assert.Equal([2f], files.Get("b", 1).ToArray<float>());
        Assert.Equal(8, files.TotalBytes);
    }

    [Theory]
    [MemberData(nameof(LyingIndexes))]
    public void Open_LyingIndex_NamesIndexAndEntry(string index, string named)
    {
        WriteShards();
        _folder.Write(Index, index);

        ModelFolderException e = Assert.Throws<ModelFolderException>(() => WeightFiles.Open(_folder.Model));

        Assert.Contains(named, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Open_ATensorInTwoShards_NamesBoth()
    {
        _folder.Write(First, Tensor("a", 1));
        _folder.Write(Second, new SafetensorsWriter().Add<float>("b", "F32", [1], [2]).Add<float>("a", "F32", [1], [3]).ToArray());
        WriteIndex();

        Assert.Equal($"{Second}: a: is in {First} too", Assert.Throws<ModelFolderException>(() => WeightFiles.Open(_folder.Model)).Message);
    }

    [Fact]
    public void Open_NoWeights_SaysWhatIsMissing()
    {
        Assert.Contains("model.safetensors: neither it nor", Assert.Throws<ModelFolderException>(() => WeightFiles.Open(_folder.Model)).Message);

        _folder.Write("pytorch_model.bin", [0x80]);
        Assert.Contains("pytorch_model.bin: pickled weights", Assert.Throws<ModelFolderException>(() => WeightFiles.Open(_folder.Model)).Message);
    }

    [Fact]
    public void Get_WrongDTypeShapeOrName_IsAnError()
    {
        _folder.Write("model.safetensors", new SafetensorsWriter().Add<sbyte>("q", "I8", [2], [1, 2]).Add<float>("a", "F32", [2], [1, 2]).ToArray());
        using WeightFiles files = WeightFiles.Open(_folder.Model);

        Assert.Contains("q: dtype Int8 is not supported", Assert.Throws<ModelFolderException>(() => files.Get("q", 2)).Message);
        Assert.Contains("a: shape is [2]; the config asks for [3]", Assert.Throws<ModelFolderException>(() => files.Get("a", 3)).Message);
        Assert.Contains("b: is missing", Assert.Throws<ModelFolderException>(() => files.Get("b", 2)).Message);
    }

    [Fact]
    public void ThrowIfUnused_NamesTheFirstTensorThatNobodyAskedFor()
    {
        _folder.Write("model.safetensors", new SafetensorsWriter()
            .Add<float>("model.layers.0.self_attn.rotary_emb.inv_freq", "F32", [1], [1])
            .Add<float>("used", "F32", [1], [1])
            .Add<float>("extra", "F32", [1], [1])
            .ToArray());
        using WeightFiles files = WeightFiles.Open(_folder.Model);
        _ = files.Get("used", 1);

        Assert.Equal("extra", Assert.Throws<ModelFolderException>(files.ThrowIfUnused).Field);

        _ = files.Get("extra", 1);
        files.ThrowIfUnused();
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Tensor(string name, float value) => new SafetensorsWriter().Add<float>(name, "F32", [1], [value]).ToArray();

    private void WriteIndex() => _folder.Write(Index, $"{{\"metadata\":{{\"total_size\":8}},\"weight_map\":{{\"b\":\"{Second}\",\"a\":\"{First}\"}}}}");

    private void WriteShards()
    {
        _folder.Write(First, Tensor("a", 1));
        _folder.Write(Second, Tensor("b", 2));
    }
}
