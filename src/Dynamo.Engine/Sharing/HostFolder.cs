using Dynamo.Engine.Configuration;

namespace Dynamo.Engine.Sharing;

/// <summary>
/// Where workers of one user on one host find each other: shared memory, which every process of the host sees and which is empty after a
/// restart. Containers see each other when they are given one folder.
/// </summary>
internal static class HostFolder
{
    /// <summary>Names another folder, or <see cref="Nobody"/>.</summary>
    public const string Variable = "DYN_HOST_DIR";

    /// <summary>Value of the variable for a process that shares with no other.</summary>
    public const string Nobody = "none";

    /// <summary>The folder, or <see langword="null"/> when nothing is to be shared.</summary>
    /// <param name="environment">Value of a variable, or <see langword="null"/>.</param>
    /// <exception cref="EngineStartException">The variable names no folder.</exception>
    public static string? Find(Func<string, string?> environment) => environment(Variable) switch
    {
        Nobody => null,
        { Length: > 0 } given => Directory.Exists(given)
            ? given
            : throw new EngineStartException($"{Variable} is '{given}', which is no folder here; give one that the workers of this host share, or '{Nobody}'."),
        _ => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(),
    };
}
