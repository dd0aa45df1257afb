using System.Runtime.InteropServices;
using Dynamo.Protocol.KV;

namespace Dynamo.Routing.Bookings;

/// <summary>Consecutive blocks of a prompt, and at which workers how many requests hold them all. Not thread-safe.</summary>
internal sealed class Stretch
{
    private readonly BlockKey[] _prompt;
    private readonly int _start;
    private SlotCounts _counts;

    /// <summary>Nobody holds it.</summary>
    public Stretch(BlockKey[] prompt, int start, int length, long end)
        : this(prompt, start, length, end, new SlotCounts())
    {
    }

    private Stretch(BlockKey[] prompt, int start, int length, long end, SlotCounts counts) =>
        (_prompt, _start, Length, End, _counts) = (prompt, start, length, end, counts);

    /// <summary>Blocks.</summary>
    public int Length { get; private set; }

    /// <summary>Names the place behind its last block.</summary>
    public long End { get; private set; }

    /// <summary>Its first block.</summary>
    public BlockKey FirstKey => _prompt[_start];

    /// <summary>Whether nobody holds it.</summary>
    public bool IsFree => _counts.NumSlots == 0;

    /// <summary>How many blocks agree with a prompt from a place on.</summary>
    public int CommonLength(ReadOnlySpan<BlockKey> prompt, int at) =>
        Values(_prompt.AsSpan(_start, Length)).CommonPrefixLength(Values(prompt[at..]));

    /// <summary>Whether a request of a worker holds it.</summary>
    public bool IsHeldBy(int slot) => _counts.Has(slot);

    /// <summary>Writes a depth for all workers with requests that hold it.</summary>
    /// <param name="depths">By slot.</param>
    /// <param name="depth">What is written.</param>
    public void Write(Span<int> depths, int depth) => _counts.Write(depths, depth);

    /// <summary>One more request of a worker holds it.</summary>
    /// <returns>Whether it is the only one there.</returns>
    public bool Join(int slot) => _counts.Add(slot);

    /// <summary>One fewer.</summary>
    /// <returns>Whether it was the last one there.</returns>
    public bool Leave(int slot) => _counts.Take(slot);

    /// <summary>Keeps the first blocks.</summary>
    /// <param name="length">How many.</param>
    /// <param name="end">Names the place behind them.</param>
    /// <returns>The others, held by the same requests; they end where this one did.</returns>
    public Stretch Part(int length, long end)
    {
        Stretch rest = new(_prompt, _start + length, Length - length, End, _counts.Copy());
        (Length, End) = (length, end);
        return rest;
    }

    // Plain numbers are compared as vectors.
    private static ReadOnlySpan<ulong> Values(ReadOnlySpan<BlockKey> keys) => MemoryMarshal.Cast<BlockKey, ulong>(keys);
}
