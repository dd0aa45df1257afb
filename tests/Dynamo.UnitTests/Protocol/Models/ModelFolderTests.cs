using System.Text;
using System.Text.Json;
using Dynamo.Protocol.Models;
using Xunit;

namespace Dynamo.UnitTests.Protocol.Models;

public sealed class ModelFolderTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("dynamo-folder-");
    private readonly ModelFolder _folder;

    public ModelFolderTests() => _folder = new ModelFolder(_directory.FullName);

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void ReadJson_AnObject_IsParsed()
    {
        Write("config.json", """{ "a": 1 }""");

        using JsonDocument document = _folder.ReadJson("config.json");

        Assert.Equal(1, document.RootElement.GetProperty("a").GetInt32());
        Assert.True(_folder.Has("config.json"));
    }

    [Theory]
    [InlineData("[1]", "must be a JSON object, is Array")]
    [InlineData("{ \"a\": }", "is not valid JSON (line 1, byte 7")]
    [InlineData("{", "is not valid JSON")]
    public void ReadJson_NotAnObject_NamesFileAndPlace(string text, string problem)
    {
        Write("config.json", text);

        ModelFolderException thrown = Assert.Throws<ModelFolderException>(() => _folder.ReadJson("config.json"));

        Assert.StartsWith("config.json: " + problem, thrown.Message);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void ReadJson_Nesting_IsLimited(int depth, bool parses)
    {
        Write("config.json", string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1));

        Exception? thrown = Record.Exception(() => _folder.ReadJson("config.json").Dispose());

        Assert.Equal(parses, thrown is null);
        Assert.True(thrown is null or ModelFolderException);
    }

    [Fact]
    public void List_FilesOfAnInnerFolder_AreSortedAndNamedFromTheOuterOne()
    {
        Assert.Empty(_folder.List("inner", ".jinja"));
        _directory.CreateSubdirectory("inner").CreateSubdirectory("c.jinja");
        Write("inner/b.jinja", "b");
        Write("inner/a.jinja", "a");
        Write("inner/a.txt", "no");

        Assert.Equal(["inner/a.jinja", "inner/b.jinja"], _folder.List("inner", ".jinja"));
        Assert.Equal(["inner/a"], new ModelFolder("m", new Dictionary<string, byte[]> { ["inner/a"] = [1], ["inner"] = [2], ["a"] = [3] }).List("inner", ""));
    }

    [Fact]
    public void ReadBytes_Missing_SaysWhere()
    {
        ModelFolderException thrown = Assert.Throws<ModelFolderException>(() => _folder.ReadBytes("tokenizer.json", 10));

        Assert.Equal($"tokenizer.json: is not in the folder {_directory.FullName}", thrown.Message);
        Assert.Equal(("tokenizer.json", null), (thrown.File, thrown.Field));
    }

    [Fact]
    public void ReadBytes_TooLarge_IsRefusedUnread()
    {
        Write("a", "12345678901");

        Assert.Equal("a: is 11 bytes; at most 10 are read", Assert.Throws<ModelFolderException>(() => _folder.ReadBytes("a", 10)).Message);
        Assert.Equal(11, _folder.ReadBytes("a", 11).Length);
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("b/../../a")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    [InlineData("..\\a")]
    [InlineData("a\0b")]
    public void FullName_LeavesTheFolder_IsRefused(string file) =>
        Assert.Contains("is not a file name inside the model folder", Assert.Throws<ModelFolderException>(() => _folder.ReadBytes(file, 10)).Message);

    [Fact]
    public void ReadBytes_Folder_IsRefused()
    {
        _directory.CreateSubdirectory("sub");

        Assert.Throws<ModelFolderException>(() => _folder.ReadBytes("sub", 10));
    }

    [Fact]
    public void ReadBytes_Device_IsRefusedInsteadOfRead()
    {
        File.CreateSymbolicLink(Path.Combine(_directory.FullName, "config.json"), "/dev/zero");

        Assert.Contains("not a regular file", Assert.Throws<ModelFolderException>(() => _folder.ReadBytes("config.json", 10)).Message);
    }

    [Fact]
    public void ReadBytes_LinkToAFile_IsFollowed()
    {
        Write("blob", "text");
        File.CreateSymbolicLink(Path.Combine(_directory.FullName, "config.json"), "blob");

        Assert.Equal("text", Encoding.UTF8.GetString(_folder.ReadBytes("config.json", 10)));
    }

    [Fact]
    public void ReadBytes_LinkInACircle_IsRefused()
    {
        File.CreateSymbolicLink(Path.Combine(_directory.FullName, "a"), "b");
        File.CreateSymbolicLink(Path.Combine(_directory.FullName, "b"), "a");

        Assert.StartsWith("a: ", Assert.Throws<ModelFolderException>(() => _folder.ReadBytes("a", 10)).Message);
    }

    [Fact]
    public void ReadBytes_FilesInMemory_NoDiskIsTouched()
    {
        ModelFolder folder = new("demo", new Dictionary<string, byte[]> { ["config.json"] = "{}"u8.ToArray() });

        Assert.Equal("{}", Encoding.UTF8.GetString(folder.ReadBytes("config.json", 2)));
        Assert.Equal((true, false), (folder.Has("config.json"), folder.Has("other.json")));
        Assert.Equal("other.json: is not among the files of demo", Assert.Throws<ModelFolderException>(() => folder.ReadBytes("other.json", 2)).Message);
        Assert.Throws<ModelFolderException>(() => folder.ReadBytes("config.json", 1));
    }

    [Fact]
    public void Message_HostileNames_IsOneShortLine()
    {
        ModelFolderException thrown = new("a\nb\u001b[31m", "field\r", new string('x', 5000));

        Assert.DoesNotContain(thrown.Message, char.IsControl);
        Assert.InRange(thrown.Message.Length, 1, 601);
        Assert.StartsWith("a b [31m: field : xxx", thrown.Message);
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_directory.FullName, file), text);
}
