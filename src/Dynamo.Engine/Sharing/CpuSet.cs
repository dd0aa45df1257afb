using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dynamo.Engine.Sharing;

/// <summary>A set of a host's processors, by their numbers in the kernel: 0 to <see cref="MaxProcessors"/> - 1.</summary>
[InlineArray(NumWords)]
internal struct CpuSet
{
    /// <summary>Numbers that fit.</summary>
    public const int MaxProcessors = NumWords * 64;

    private const int NumWords = 32;

    private ulong _first;

    /// <summary>A set of these.</summary>
    public static CpuSet Of(params ReadOnlySpan<int> processors)
    {
        CpuSet set = default;
        foreach (int processor in processors)
        {
            set.Add(processor);
        }

        return set;
    }

    /// <summary>Processors in the set.</summary>
    public readonly int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in this)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>The lowest processor of both sets, or -1 when they have none in common.</summary>
    public readonly int FirstCommon(in CpuSet other)
    {
        for (int i = 0; i < NumWords; i++)
        {
            if ((this[i] & other[i]) is var common and not 0)
            {
                return (i * 64) + BitOperations.TrailingZeroCount(common);
            }
        }

        return -1;
    }

    /// <summary>Adds one.</summary>
    public void Add(int processor) => this[processor / 64] |= 1UL << (processor % 64);

    /// <summary>Takes one out.</summary>
    public void Remove(int processor) => this[processor / 64] &= ~(1UL << (processor % 64));

    /// <summary>Adds all of another set.</summary>
    public void Add(in CpuSet other)
    {
        for (int i = 0; i < NumWords; i++)
        {
            this[i] |= other[i];
        }
    }
}
