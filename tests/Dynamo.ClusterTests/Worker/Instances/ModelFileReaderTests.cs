using System.Text;
using Dynamo.Abstractions.Instances;
using Dynamo.Engine.Execution;
using Dynamo.Worker.Engines;
using Dynamo.Worker.Instances;
using Xunit;

namespace Dynamo.ClusterTests.Worker.Instances;

/// <summary>Which files of a model folder a frontend gets.</summary>
public sealed class ModelFileReaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-files-");

    public ModelFileReaderTests()
    {
        _folder.CreateSubdirectory("additional_chat_templates");
        foreach (string name in (string[])["config.json", "model.safetensors", "secret.txt", "chat_template.jinja", "additional_chat_templates/tool_use.jinja", "chat_template.json"])
        {
            File.WriteAllText(Path.Combine(_folder.FullName, name), name);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Files_AreThoseForTextAndTheTemplates()
    {
        ModelFileReader sut = Create(null);

        Assert.Equal(["config.json", "chat_template.json", "chat_template.jinja", "additional_chat_templates/tool_use.jinja"], sut.List().Select(static entry => entry.Name));
        Assert.Equal("tool_use.jinja", Encoding.UTF8.GetString(await sut.ReadAsync("additional_chat_templates/tool_use.jinja", "additional_chat_templates/".Length)));
    }

    [Theory]
    [InlineData("secret.txt")]
    [InlineData("model.safetensors")]
    [InlineData("additional_chat_templates/../secret.txt")]
    public async Task OtherFiles_AreNotGivenOut(string name) => await Assert.ThrowsAsync<ArgumentException>(() => Create(null).ReadAsync(name, 0));

    [Fact]
    public async Task TemplateOfTheCommandLine_TakesThePlaceOfAll()
    {
        string template = new('x', ModelFileEntry.ChunkBytes + 2);
        ModelFileReader sut = Create(template);

        Assert.Equal(
            [new ModelFileEntry("config.json", 11), new ModelFileEntry("chat_template.json", 18), new ModelFileEntry("chat_template.jinja", template.Length)], sut.List());
        Assert.Equal(ModelFileEntry.ChunkBytes, (await sut.ReadAsync("chat_template.jinja", 0)).Length);
        Assert.Equal("xx", Encoding.UTF8.GetString(await sut.ReadAsync("chat_template.jinja", ModelFileEntry.ChunkBytes)));
    }

    private ModelFileReader Create(string? template) =>
        new(new WorkerOptions { Model = "m", Load = new ModelLoadOptions { ModelPath = _folder.FullName }, ChatTemplate = template });
}
