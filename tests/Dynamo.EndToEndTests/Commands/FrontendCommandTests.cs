using System.Diagnostics;
using Dynamo.EndToEndTests.Doctor;
using Xunit;

namespace Dynamo.EndToEndTests.Commands;

public sealed class FrontendCommandTests
{
    [ServersFact]
    public async Task Frontend_HasNeitherTheEngineNorLibtorchInMemory()
    {
        await using Scene scene = new();
        await scene.StartRedisAsync(isDurable: true);

        Process frontend = await scene.StartDynamoAsync("serving the cluster's models", "frontend", "--http-port", $"{Scene.FreePort()}");

        string[] files = [.. (await File.ReadAllLinesAsync($"/proc/{frontend.Id}/maps")).Select(static line => Path.GetFileName(line)).Distinct()];
        Assert.Contains("Dynamo.Frontend.dll", files);
        Assert.DoesNotContain(files, static file => file.StartsWith("Dynamo.Engine", StringComparison.Ordinal) || file.Contains("torch", StringComparison.OrdinalIgnoreCase));
    }
}
