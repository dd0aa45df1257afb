using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace Dynamo.Benchmarks.Serving;

/// <summary>Where the programs and the model are that the benchmark starts.</summary>
/// <param name="Dynamo">The <c>dynamo</c> program.</param>
/// <param name="Model">Model folder of the mockers.</param>
/// <param name="Redis"><c>redis-server</c>.</param>
/// <param name="Nginx"><c>nginx</c>; <see langword="null"/> when there is none, or none is wanted.</param>
internal sealed record Programs(string Dynamo, string Model, string Redis, string? Nginx)
{
    // Debian's servers are not on every user's PATH.
    private const string SystemFolder = "/usr/sbin";

    /// <summary>Whether the program's assemblies have code that was compiled ahead of time; <see langword="null"/>: they are not beside it.</summary>
    public bool? IsCompiledAhead()
    {
        string assembly = Path.Combine(Path.GetDirectoryName(Dynamo)!, "Dynamo.Protocol.dll");
        if (!File.Exists(assembly))
        {
            return null;
        }

        using PEReader reader = new(File.OpenRead(assembly));
        return reader.PEHeaders.CorHeader is { ManagedNativeHeaderDirectory.Size: > 0 };
    }

    /// <summary>Variables with which the program finds the runtime, which it does by itself only in the usual places.</summary>
    public static IReadOnlyDictionary<string, string> RuntimeVariables => Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 }
        ? new Dictionary<string, string>()
        : new() { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")) };

    /// <summary>Finds them.</summary>
    /// <exception cref="BenchmarkFault">One that cannot be done without is missing.</exception>
    public static Programs Find(ServingOptions options)
    {
        string dynamo = options.Program ?? Path.Combine(Root("--program"), "src", "Dynamo.Cli", "bin", "Release", "net10.0", "linux-x64", "dynamo");
        if (!File.Exists(dynamo))
        {
            throw new BenchmarkFault($"there is no {dynamo}; build it with 'deploy/dynamo --version', or give --program.");
        }

        string model = options.Model ?? Path.Combine(Root("--model"), "deploy", "models", "demo");
        if (!Directory.Exists(model))
        {
            throw new BenchmarkFault($"there is no model folder {model}; give --model.");
        }

        string redis = OnPath("redis-server") ?? throw new BenchmarkFault("redis-server is not on the PATH; install it, on Debian with 'apt-get install redis-server'.");
        return new Programs(Path.GetFullPath(dynamo), Path.GetFullPath(model), redis, options.WithoutNginx ? null : OnPath("nginx"));
    }

    private static string? OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Append(SystemFolder)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);

    private static string Root(string option)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Dynamo.Orleans.sln")))
            {
                return folder.FullName;
            }
        }

        throw new BenchmarkFault($"{AppContext.BaseDirectory} is in no checkout; give {option}.");
    }
}
