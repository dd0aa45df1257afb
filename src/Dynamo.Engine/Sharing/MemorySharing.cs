using System.IO.Hashing;
using System.Text;
using Dynamo.Engine.Configuration;

namespace Dynamo.Engine.Sharing;

/// <summary>One engine's part in sharing the memory of its host. The engine thread's.</summary>
internal sealed class MemorySharing : IDisposable
{
    private readonly ClaimTable<MemoryClaim>? _table;
    private readonly Func<long> _freeBytes;
    private MemoryClaim _own;

    /// <summary>Takes part, with nothing claimed but that a size is to be found.</summary>
    /// <param name="table">The own slot among all claims, owned from here on; <see langword="null"/> to share with nobody.</param>
    /// <param name="isGiven">Whether the size of the KV cache is given by a flag.</param>
    /// <param name="freeBytes">Memory of the host that nobody uses.</param>
    public MemorySharing(ClaimTable<MemoryClaim>? table, bool isGiven, Func<long> freeBytes)
    {
        (_table, _freeBytes) = (table, freeBytes);
        _own = new MemoryClaim
        {
            ProcessId = Environment.ProcessId,
            ProcessNamespace = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(File.ResolveLinkTarget("/proc/self/ns/pid", returnFinalTarget: false)?.Name ?? "")),
            Sizing = isGiven ? SizingState.Given : SizingState.Pending,
        };
        Promise(0);
    }

    /// <summary>Takes part in what is shared on this host.</summary>
    /// <exception cref="EngineStartException">The host's claims cannot be read; the message says what to set.</exception>
    public static MemorySharing Join(bool isGiven, Func<long> freeBytes) => new(
        HostFolder.Find(Environment.GetEnvironmentVariable) is { } folder ? ClaimTable<MemoryClaim>.TryTake(folder, "memory") : null,
        isGiven,
        freeBytes);

    /// <summary>Tells the others that so much more will be used from now on; it takes the place of what was told before.</summary>
    public void Promise(long bytes)
    {
        _own.PromisedBytes = bytes;
        _own.BaseBytes = ProcessMemory.UsedBytes(_own.ProcessId) ?? 0;
        _table?.Write(_own);
    }

    /// <summary>Decides on a size and promises it, while no other engine of the host does.</summary>
    /// <param name="decide">Gets the memory that is free and not claimed, and the part of it for a KV cache; returns the size in bytes.</param>
    public void Decide(Func<long, double, long> decide)
    {
        if (_table is null)
        {
            decide(_freeBytes(), MemoryShare.Part([]));
            return;
        }

        _table.BeginTurn();
        try
        {
            ReadOnlySpan<MemoryClaim> others = Others(_table);
            long bytes = decide(MemoryShare.Unclaimed(_freeBytes(), others, UsedBytes), MemoryShare.Part(others));
            _own.Sizing = _own.Sizing == SizingState.Pending ? SizingState.Done : _own.Sizing;
            Promise(bytes);
        }
        finally
        {
            _table.EndTurn();
        }
    }

    /// <summary>Gives all of it up.</summary>
    public void Dispose() => _table?.Dispose();

    private static ReadOnlySpan<MemoryClaim> Others(ClaimTable<MemoryClaim> table)
    {
        MemoryClaim[] claims = new MemoryClaim[ClaimTable<MemoryClaim>.MaxClaims];
        int count = table.Read(claims);
        int numOthers = 0;
        for (int i = 0; i < count; i++)
        {
            if (i != table.Slot && table.IsAnothers(i))
            {
                claims[numOthers++] = claims[i];
            }
        }

        return claims.AsSpan(0, numOthers);
    }

    private long? UsedBytes(MemoryClaim claim) => claim.ProcessNamespace == _own.ProcessNamespace ? ProcessMemory.UsedBytes(claim.ProcessId) : null;
}
