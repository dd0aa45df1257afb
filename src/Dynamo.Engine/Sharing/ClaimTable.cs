using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dynamo.Engine.Configuration;

namespace Dynamo.Engine.Sharing;

/// <summary>
/// What the engines of one user on one host claim, in a file of slots: each writes its own, all read all. A claim lives as long as its slot is
/// locked, and the kernel unlocks it when the process ends, <c>kill -9</c> included: there is nothing to clean up and nobody to ask.
/// </summary>
/// <remarks>Not thread-safe. Reading and writing allocate nothing.</remarks>
/// <typeparam name="T">A claim; zero claims nothing.</typeparam>
internal sealed class ClaimTable<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Slots of a table.</summary>
    public const int MaxClaims = 256;

    // Locked for a turn; the bytes before it stand for the slots.
    private const long TurnByte = MaxClaims;

    private static readonly TimeSpan TurnLimit = TimeSpan.FromSeconds(5);

    private readonly HostFile _file;

    private ClaimTable(HostFile file, int slot) => (_file, Slot) = (file, slot);

    /// <summary>The own slot, from 0.</summary>
    public int Slot { get; }

    /// <summary>Takes the first free slot, which claims nothing yet.</summary>
    /// <param name="folder">See <see cref="HostFolder"/>.</param>
    /// <param name="name">What is claimed.</param>
    /// <returns><see langword="null"/> when all slots are taken.</returns>
    /// <exception cref="EngineStartException">The file cannot be used; the message says why and what to do.</exception>
    public static ClaimTable<T>? TryTake(string folder, string name)
    {
        // The size stands for the layout: a version of this program with another one has a table of its own.
        HostFile file = HostFile.Open(folder, $"{name}-{Unsafe.SizeOf<T>()}");
        try
        {
            for (int slot = 0; slot < MaxClaims; slot++)
            {
                if (file.TryLock(slot))
                {
                    ClaimTable<T> table = new(file, slot);
                    table.Write(default);
                    return table;
                }
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        file.Dispose();
        return null;
    }

    /// <summary>Claims this from now on.</summary>
    public void Write(in T claim) => _file.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in claim)), (long)Slot * Unsafe.SizeOf<T>());

    /// <summary>Reads all slots, whoever has them and whether anybody does.</summary>
    /// <param name="claims">Room for <see cref="MaxClaims"/>.</param>
    /// <returns>How many there are: those that were ever used.</returns>
    public int Read(Span<T> claims) => _file.Read(MemoryMarshal.AsBytes(claims)) / Unsafe.SizeOf<T>();

    /// <summary>Whether another engine, which is alive, has this slot.</summary>
    public bool IsAnothers(int slot) => _file.IsLockedByAnother(slot);

    /// <summary>Begins a turn: one engine at a time reads and writes what must fit together. Ended by <see cref="EndTurn"/>.</summary>
    /// <exception cref="EngineStartException">Another one has not ended its turn for seconds.</exception>
    public void BeginTurn()
    {
        long start = Environment.TickCount64;
        while (!_file.TryLock(TurnByte))
        {
            if (Environment.TickCount64 - start > TurnLimit.TotalMilliseconds)
            {
                throw new EngineStartException(
                    $"another worker of this host has been reading all claims for {TurnLimit.TotalSeconds:0} s; end it if it is stopped, or set {HostFolder.Variable}={HostFolder.Nobody} to share with no other.");
            }

#pragma warning disable RS0030 // Another process holds the lock, and tells nobody when it lets go.
            Thread.Sleep(1);
#pragma warning restore RS0030
        }
    }

    /// <summary>Ends a turn.</summary>
    public void EndTurn() => _file.Unlock(TurnByte);

    /// <summary>Gives the claim up.</summary>
    public void Dispose() => _file.Dispose();
}
