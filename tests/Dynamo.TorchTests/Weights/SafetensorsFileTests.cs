using System.Diagnostics;
using System.Text;
using Dynamo.Protocol.Models;
using Dynamo.Torch.Weights;
using Xunit;

namespace Dynamo.TorchTests.Weights;

public sealed class SafetensorsFileTests : IDisposable
{
    private const string FileName = "model.safetensors";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, int, string> LyingHeaders => new()
    {
        // what, header, bytes of data, what the message must name
        { "not JSON", "{\"a\":", 0, "header" },
        { "an array", "[]", 0, "'{'" },
        { "empty", "", 0, "'{'" },
        { "blanks before", " {}", 0, "'{'" },
        { "text behind", "{}x", 0, "header" },
        { "a number for a tensor", """{"a":1}""", 0, "a:" },
        { "no dtype", """{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "a:" },
        { "no shape", """{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "a:" },
        { "no offsets", """{"a":{"dtype":"F32","shape":[1]}}""", 4, "a:" },
        { "one offset", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}}""", 4, "data_offsets" },
        { "three offsets", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, "data_offsets" },
        { "unknown field", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"zip":true}}""", 4, "'zip'" },
        { "dtype is a number", """{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}""", 4, "'dtype'" },
        { "negative extent", """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "shape" },
        { "extent 2^63", """{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}""", 4, "shape" },
        { "extent 1e308", """{"a":{"dtype":"F32","shape":[1e308],"data_offsets":[0,4]}}""", 4, "shape" },
        { "extent 1.5", """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "shape" },
        { "17 dimensions", """{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}""", 1, "shape" },
        { "product overflows to 0", """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "2^63" },
        { "product overflows to 4", """{"a":{"dtype":"U8","shape":[4611686018427387905,4],"data_offsets":[0,4]}}""", 4, "2^63" },
        { "too few bytes", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "[2] of F32 needs 8" },
        { "too many bytes", """{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,8]}}""", 8, "needs 4" },
        { "end before begin", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "[4, 0]" },
        { "end past the file", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "4 bytes of data" },
        { "negative offset", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "data_offsets" },
        { "overlap", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "b: data_offsets [4, 12]: overlaps" },
        { "the same bytes twice", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "overlaps" },
        { "hole", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "b: data_offsets [8, 12]: leaves 4" },
        { "hole at the start", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "leaves 4" },
        { "bytes behind the last", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "4 bytes after" },
        { "a name twice", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "a: stands twice" },
        { "deep metadata", "{\"__metadata__\":" + new string('[', 5000) + new string(']', 5000) + "}", 0, "header" },
        { "a lone surrogate for a name", "{\"\\ud800\":{}}", 0, "header" },
        { "an endless name", $"{{\"{new string('a', 5000)}\":1}}", 0, "name of 5,000 bytes" },
        { "line break in a name", """{"a\nb":1}""", 0, "a b" },
    };

    public static TheoryData<string, byte[]> BrokenFiles => new()
    {
        { "empty", [] },
        { "seven bytes", new byte[7] },
        { "no header", new byte[8] },
        { "header length 2^64 - 1", [255, 255, 255, 255, 255, 255, 255, 255, (byte)'{', (byte)'}'] },
        { "header length 2^63", [0, 0, 0, 0, 0, 0, 0, 128, (byte)'{', (byte)'}'] },
        { "header of 1 TB", SafetensorsWriter.Raw("{}", 1L << 40, []) },
        { "header longer than the file", SafetensorsWriter.Raw("{}", 3, []) },
        { "not UTF-8", [5, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)'}'] },
        { "a pickle", [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e] },
    };

    [Theory]
    [MemberData(nameof(LyingHeaders))]
    public void Open_LyingHeader_NamesFileAndField(string what, string header, int dataBytes, string named)
    {
        _folder.Write(FileName, SafetensorsWriter.Raw(header, dataBytes));

        ModelFolderException e = Assert.Throws<ModelFolderException>(Open);

        Assert.Equal(FileName, e.File);
        Assert.Contains(named, e.Message);
        Assert.False(e.Message.Contains('\n'), what);
    }

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void Open_BrokenFile_NamesTheFile(string what, byte[] content)
    {
        _folder.Write(FileName, content);

        ModelFolderException e = Assert.Throws<ModelFolderException>(Open);

        Assert.True(e.File == FileName, what);
    }

    [Fact]
    public void Open_EveryTruncation_IsAnError()
    {
        byte[] whole = new SafetensorsWriter().Add<float>("a", "F32", [3], [1, 2, 3]).Add<byte>("b", "U8", [1], [7]).ToArray();
        for (int length = 0; length < whole.Length; length++)
        {
            _folder.Write(FileName, whole.AsSpan(0, length));

            Assert.Throws<ModelFolderException>(Open);
        }
    }

    [Fact]
    public void Open_MissingFileFolderOrPipe_IsAnErrorAtOnce()
    {
        Assert.Contains("cannot be opened", Assert.Throws<ModelFolderException>(Open).Message);

        string path = Path.Combine(_folder.Path, FileName);
        Directory.CreateDirectory(path);
        Assert.Throws<ModelFolderException>(Open);
        Directory.Delete(path);

        using (Process mkfifo = Process.Start("mkfifo", path))
        {
            mkfifo.WaitForExit();
        }

        Assert.Contains("not a regular file", Assert.Throws<ModelFolderException>(Open).Message);
        File.Delete(path);

        File.CreateSymbolicLink(path, "/dev/zero");
        Assert.Contains("not a regular file", Assert.Throws<ModelFolderException>(Open).Message);
    }

    [Fact]
    public void Open_MoreTensorsThanAnyModel_StopsCounting()
    {
        StringBuilder header = new("{");
        for (int i = 0; i <= SafetensorsHeader.MaxTensors; i++)
        {
            header.Append($"\"{i}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}},");
        }

        header[^1] = '}';
        _folder.Write(FileName, SafetensorsWriter.Raw(header.ToString(), 0));

        Assert.Contains("more than 500,000 tensors", Assert.Throws<ModelFolderException>(Open).Message);
    }

    [Fact]
    public void Open_HundredMegabytesOfMetadata_AllocatesNextToNothing()
    {
        // Sparse behind the first bytes: zeros, which are not JSON.
        using (FileStream stream = File.Create(Path.Combine(_folder.Path, FileName)))
        {
            stream.Write(SafetensorsWriter.Raw("{\"__metadata__\":{", 99_000_000, []));
            stream.SetLength(1L << 33);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ModelFolderException>(Open);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Get_OfAWrittenTensor_ReturnsItsElements()
    {
        _folder.Write(FileName, new SafetensorsWriter()
            .Add<byte>("odd", "U8", [1], [9])
            .Add<float>("a", "F32", [2, 3], [1, 2, 3, 4, 5, 6])
            .Add<long>("scalar", "I64", [], [-5])
            .Add<float>("none", "F32", [4, 0], [])
            .ToArray());

        using SafetensorsFile file = Open();

        Assert.Equal(["odd", "a", "scalar", "none"], file.Names);
        Assert.Equal([1f, 2, 3, 4, 5, 6], file.Get("a", [2, 3]).ToArray<float>());
        Assert.Equal([-5L], file.Get("scalar", []).ToArray<long>());
        Assert.Empty(file.Get("none").ToArray<float>());
        Assert.Equal(1 + 24 + 8, file.TotalBytes);
    }

    [Fact]
    public void Get_ReleasedTensor_ReadsTheSame()
    {
        float[] elements = [.. Enumerable.Range(0, 100_000).Select(static i => (float)i)];
        _folder.Write(FileName, new SafetensorsWriter().Add<float>("a", "F32", [100_000], elements).ToArray());
        using SafetensorsFile file = Open();

        file.Release(file.Get("a"));

        Assert.Equal(elements, file.Get("a").ToArray<float>());
    }

    [Fact]
    public void Get_UnknownDType_IsAnErrorOnlyWhenAskedFor()
    {
        _folder.Write(FileName, SafetensorsWriter.Raw("""{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", 3));

        using SafetensorsFile file = Open();

        Assert.Equal(1, file.Get("b").NumElements);
        Assert.Contains("'F4'", Assert.Throws<ModelFolderException>(() => file.Get("a")).Message);
    }

    [Fact]
    public void Get_OtherShapeOrName_SaysWhatIsThere()
    {
        _folder.Write(FileName, new SafetensorsWriter().Add<float>("a", "F32", [2], [1, 2]).ToArray());
        using SafetensorsFile file = Open();

        Assert.Equal("model.safetensors: a: shape is [2]; the config asks for [2, 1]", Assert.Throws<ModelFolderException>(() => file.Get("a", [2, 1])).Message);
        Assert.Equal("model.safetensors: b: is not in the file", Assert.Throws<ModelFolderException>(() => file.Get("b")).Message);
        Assert.Throws<InvalidOperationException>(() => file.Get("a").ToArray<long>());
    }

    public void Dispose() => _folder.Dispose();

    private SafetensorsFile Open() => SafetensorsFile.Open(_folder.Model, FileName);
}
