using System.Diagnostics;
using Xunit;

namespace Dynamo.EndToEndTests.Commands;

public sealed class RunScriptTests
{
    [Theory]
    [InlineData("--http-port")]
    [InlineData("--api-key", "secret", "--port")]
    public async Task RunOnce_AsksOneQuestionAndPrintsTheAnswerWithItsSpeed(params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(Repository.Root, "deploy", "run.sh"), ["--once", .. arguments, $"{DynamoProcess.FreePort()}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, output + await error);
        Assert.StartsWith("42\n[time to first token ", output);
    }
}
