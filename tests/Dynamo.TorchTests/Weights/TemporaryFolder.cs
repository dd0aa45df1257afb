using Dynamo.Protocol.Models;

namespace Dynamo.TorchTests.Weights;

/// <summary>A model folder of its own for one test, removed afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dynamo-weights-").FullName;

    public ModelFolder Model => new(Path);

    public void Write(string file, ReadOnlySpan<byte> content) => File.WriteAllBytes(System.IO.Path.Combine(Path, file), content);

    public void Write(string file, string content) => File.WriteAllText(System.IO.Path.Combine(Path, file), content);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
