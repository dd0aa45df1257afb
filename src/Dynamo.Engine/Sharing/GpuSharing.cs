using System.IO.Hashing;
using System.Text;
using Dynamo.Engine.Configuration;

namespace Dynamo.Engine.Sharing;

/// <summary>One engine's GPU among those of its host: the first that fewest other engines there have. Dispose when the GPU is free again.</summary>
public sealed class GpuSharing : IDisposable
{
    private readonly ClaimTable<ulong>? _table;

    /// <summary>Takes a GPU.</summary>
    /// <param name="table">The own slot among all claims, owned from here on; <see langword="null"/> to share with nobody.</param>
    /// <param name="names">A name for each GPU that this process sees, the same in every process of the host; at least one.</param>
    internal GpuSharing(ClaimTable<ulong>? table, IReadOnlyList<string> names)
    {
        ArgumentOutOfRangeException.ThrowIfZero(names.Count);
        _table = table;
        if (table is null)
        {
            return;
        }

        try
        {
            table.BeginTurn();
            ulong[] gpus = [.. names.Select(Id)];
            ulong[] claims = new ulong[ClaimTable<ulong>.MaxClaims];
            int count = table.Read(claims);
            ulong[] taken = [.. claims.Take(count).Where((_, slot) => table.IsAnothers(slot))];
            Index = Enumerable.Range(0, gpus.Length).MinBy(gpu => taken.Count(other => other == gpus[gpu]));
            table.Write(gpus[Index]);
            table.EndTurn();
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Number of the GPU as this process counts, from 0.</summary>
    public int Index { get; }

    /// <summary>Takes one of the GPUs that the driver shows to this process.</summary>
    /// <param name="numVisible">How many those are; at least 1.</param>
    /// <exception cref="EngineStartException">The host's claims cannot be read; the message says what to do.</exception>
    public static GpuSharing Join(int numVisible) => new(
        HostFolder.Find(Environment.GetEnvironmentVariable) is { } folder ? ClaimTable<ulong>.TryTake(folder, "gpus") : null,
        Names(Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES"), numVisible));

    /// <summary>
    /// Names of the GPUs that a process sees: what CUDA_VISIBLE_DEVICES calls them, else their numbers. Processes of one host should name them
    /// the same way, all by number or all by UUID.
    /// </summary>
    internal static IReadOnlyList<string> Names(string? visibleDevices, int numVisible)
    {
        string[] given = visibleDevices?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        return [.. Enumerable.Range(0, numVisible).Select(gpu => gpu < given.Length ? given[gpu] : $"{gpu}")];
    }

    /// <summary>Leaves it to others.</summary>
    public void Dispose() => _table?.Dispose();

    private static ulong Id(string name) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(name));
}
