using System.Numerics;
using Dynamo.Routing.Prefixes;

namespace Dynamo.UnitTests.Routing.Prefixes;

/// <summary>Checks what must hold in a <see cref="PrefixIndex"/> at any time; looks at everything.</summary>
internal static unsafe class PrefixIndexCheck
{
    /// <summary>Throws if an invariant is broken.</summary>
    /// <exception cref="InvalidOperationException">Says which, and where.</exception>
    public static void Validate(PrefixIndex index)
    {
        long[] numBlocks = new long[index.NumSlots];
        long numRuns = 0;
        long numRecords = 0;
        long numLive = 0;
        long numListed = 0;
        long numSparse = 0;
        for (uint id = 1; id < index.Runs.NumIds; id++)
        {
            Run run = index.Runs[id];
            if (run.Live == 0)
            {
                continue;
            }

            numRuns++;
            numLive += BitOperations.PopCount(run.Live);
            numListed += BitOperations.PopCount(run.Listed);
            numSparse += run.Live == run.Listed ? 0 : 1;
            numRecords += run.IsSole ? 0 : 1;
            ValidateKeys(index, id, run);
            ValidateListed(index, id, run);
            ValidateHolders(index, id, run, numBlocks);
        }

        Equal(numRuns, index.Runs.NumRuns, "runs in use");
        Equal(numRuns, index.Runs.NumKeyArrays(), "arrays of keys");
        Equal(numRecords, index.Holders.NumRecords(), "holder records");
        Equal(numLive, index.NumDistinctBlocks, "distinct blocks");
        Equal(numListed, index.Table.Count, "keys in the table");
        index.Table.Validate();
        for (int slot = 0; slot < numBlocks.Length; slot++)
        {
            Equal(numBlocks[slot], index.NumBlocks(slot), $"blocks of slot {slot}");
        }

        Equal(numSparse, index.Finder.Sparse.Count, "runs with positions that are not listed");
    }

    private static void ValidateKeys(PrefixIndex index, uint id, in Run run)
    {
        Equal(id, index.Runs.OwnerOfKeys(id), $"owner of the keys of run {id}");
        int excess = index.Runs.KeyClass(id) - WordPool.ClassOf(run.Count);
        Require(excess is 0 or 1, $"run {id} with {run.Count} keys has room {excess} classes off");
        for (ulong listed = run.Listed; listed != 0; listed &= listed - 1)
        {
            int position = BitOperations.TrailingZeroCount(listed);
            Require(index.Table.Has(index.Runs.Keys(id)[position], id, position), $"the key at {position} of run {id} is not in the table");
        }
    }

    private static void ValidateListed(PrefixIndex index, uint id, in Run run)
    {
        ulong unlisted = run.Live & ~run.Listed;
        Require((run.Listed & ~run.Live) == 0, $"run {id} has dead positions that are listed");
        Require((unlisted != 0) == (run.Place != 0), $"run {id} is at place {run.Place} with {BitOperations.PopCount(unlisted)} positions not listed");
        if (unlisted == 0)
        {
            return;
        }

        SparseRuns sparse = index.Finder.Sparse.Of(run);
        Require(run.Place <= sparse.Count && sparse[(int)run.Place - 1] == id, $"run {id} is not at its place {run.Place}");
        Require((unlisted & ~(run.Live << 1)) == 0, $"run {id} has positions that are not listed behind none that is live");
    }

    private static void ValidateHolders(PrefixIndex index, uint id, in Run run, long[] numBlocks)
    {
        ulong unlisted = run.Live & ~run.Listed;
        if (run.IsSole)
        {
            numBlocks[run.SoleSlot] += BitOperations.PopCount(run.Live);
            ValidateEnds(index, id, run.SoleSlot, run.Live, unlisted);
            return;
        }

        HolderRecord record = index.Holders.Record(run);
        Equal(id, index.Holders.OwnerOfRecord(run), $"owner of the holders of run {id}");
        HashSet<int> slots = [];
        HashSet<ulong> masks = [];
        ulong union = 0;
        for (int i = 0; i < record.NumGroups; i++)
        {
            Require(masks.Add(record.Group(i)[0]), $"run {id} has two groups of one mask");
            for (int word = 0; word < record.NumBitmapWords; word++)
            {
                for (ulong bits = record.Group(i)[1 + word]; bits != 0; bits &= bits - 1)
                {
                    Add((word << 6) + BitOperations.TrailingZeroCount(bits), record.Group(i)[0]);
                }
            }
        }

        for (int i = 0; i < record.NumSingles; i++)
        {
            Add((int)record.Single(i)[0], record.Single(i)[1]);
        }

        Equal((long)union, (long)run.Live, $"live positions of run {id}");
        Require(slots.Count > 1, $"run {id} has a record for {slots.Count} holders");

        void Add(int slot, ulong mask)
        {
            Require(slots.Add(slot), $"run {id} has slot {slot} twice");
            Require(mask != 0, $"run {id} has slot {slot} with nothing");
            union |= mask;
            numBlocks[slot] += BitOperations.PopCount(mask);
            ValidateEnds(index, id, slot, mask, unlisted);
        }
    }

    private static void ValidateEnds(PrefixIndex index, uint id, int slot, ulong mask, ulong unlisted)
    {
        ulong ends = Run.EndsOf(mask) & unlisted;
        bool isExpected = ends == Run.LastOf(mask) && index.Finder.EndingOf(slot) == id;
        Require(ends == 0 || isExpected, $"run {id} has ends of slot {slot} that are not listed");
    }

    private static void Equal(long expected, long actual, string what) => Require(expected == actual, $"{what}: {expected} by count, {actual} kept");

    private static void Require(bool condition, string fault)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"Prefix index: {fault}.");
        }
    }
}
