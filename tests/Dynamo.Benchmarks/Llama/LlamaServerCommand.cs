using System.CommandLine;

namespace Dynamo.Benchmarks.Llama;

/// <summary>Hidden command: what <see cref="LlamaProcess"/> starts.</summary>
internal static class LlamaServerCommand
{
    public const string Name = "llama-server";

    public static Command Create()
    {
        Argument<string> library = new("library");
        Argument<string> ggufFile = new("gguf");
        Argument<int> numThreads = new("threads");
        Argument<int> cacheType = new("cache-type");
        Command command = new(Name) { library, ggufFile, numThreads, cacheType };
        command.Hidden = true;
        command.SetAction(parsed => LlamaServer.Run(new LlamaOptions(
            parsed.GetRequiredValue(library),
            parsed.GetRequiredValue(ggufFile),
            parsed.GetRequiredValue(numThreads),
            parsed.GetRequiredValue(cacheType))));
        return command;
    }
}
