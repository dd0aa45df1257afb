using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Dynamo.EndToEndTests.Serving;
using Xunit;

namespace Dynamo.EndToEndTests.Commands;

public sealed class ServeCommandTests
{
    [Theory]
    [InlineData("--model /no/such/folder", "--model /no/such/folder: there is no such folder")]
    [InlineData("--model . --dtype int3", "--dtype must be auto, bfloat16 or float32, is 'int3'")]
    [InlineData("--model . --block-size 33 --max-num-seqs 0", "--max-num-seqs must be 1 to 4096, is 0. --block-size must be 8, 16, 32, 64, 128 or 256, is 33.")]
    [InlineData("--model . --http-port 70000", "--http-port must be 0 to 65535, is '70000'")]
    [InlineData("--model . --http-host example", "--http-host must be an IP address or localhost, is 'example'")]
    [InlineData("--model DEMO --max-model-len 5000 --http-port 0", "--max-model-len 5000 is more than the model's max_position_embeddings 4096")]
    [InlineData("--model EMPTY --http-port 0", "config.json: is not in the folder")]
    public async Task WhatCannotBe_IsOneLineThatSaysWhy(string arguments, string expected)
    {
        DirectoryInfo empty = Directory.CreateTempSubdirectory("dynamo-serve-");
        try
        {
            string[] words = arguments.Split(' ');
            (int exitCode, _, string error) = await DynamoProcess.RunAsync(
                ["serve", .. words.Select(word => word == "DEMO" ? Repository.DemoModel : word == "EMPTY" ? empty.FullName : word)]);

            Assert.Equal(1, exitCode);
            string fault = Assert.Single(error.Split('\n'), static line => line.StartsWith("dynamo: ", StringComparison.Ordinal));
            Assert.Contains(expected, fault);
            Assert.DoesNotContain("   at ", error);
        }
        finally
        {
            empty.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task PortThatIsTaken_IsSaid()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        (int exitCode, _, string error) = await DynamoProcess.RunAsync("serve", "--model", Repository.DemoModel, "--http-port", $"{port}");

        Assert.Equal(1, exitCode);
        Assert.Contains($"dynamo: port {port} on 127.0.0.1 is taken by another program", error);
    }

    [Fact]
    public async Task Terminated_FinishesTheAnswerThatIsRunningAndExitsWith0()
    {
        await using DynamoProcess server = await DynamoProcess.ServeAsync("--served-model-name", "first", "org/name", "--max-model-len", "512");
        JsonObject request = BundledModelTests.Story(3, stream: true);
        request["model"] = "org/name";
        List<string> pieces = [];
        Task<int>? exit = null;
        await foreach (string piece in new ChatApi(server.Http).StreamAsync(request))
        {
            pieces.Add(piece);
            exit ??= server.TerminateAsync();
        }

        Assert.True(pieces.Count > 1, "the answer had begun when the server was told to stop");
        Assert.Equal(0, await exit!);
    }
}
