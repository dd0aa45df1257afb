using Dynamo.Engine.Blocks;
using Dynamo.Protocol.KV;
using Xunit;

namespace Dynamo.UnitTests.Engine.Blocks;

/// <summary>Ten blocks of four tokens; exact ids and the exact order of eviction.</summary>
public sealed class BlockPoolTests : IBlockPoolListener
{
    private static readonly SequenceHash Root = BlockHasher.Root("");
    private readonly BlockPool _pool;
    private readonly List<string> _news = [];

    public BlockPoolTests() => _pool = new BlockPool(10, 4, this);

    [Fact]
    public void Allocate_FreshPool_GivesAscendingIds()
    {
        Assert.Equal([0, 1, 2], Allocate(3));
        Assert.Equal((7, 3, 1), (_pool.NumFree, _pool.NumUsed, _pool.Holders(2)));
        Assert.Equal([3, 4, 5, 6, 7, 8, 9], _pool.EvictionOrder);
        _pool.Verify();
    }

    [Fact]
    public void Allocate_NoneFree_Refuses()
    {
        Allocate(10);

        Assert.Throws<InvalidOperationException>(() => _pool.Allocate());
    }

    [Fact]
    public void Release_UncachedAndCached_UncachedIsReusedFirstCachedLast()
    {
        Allocate(4);
        Cache(0, Root, 1);
        Cache(1, Hash(Root, 1), 2);

        // As a sequence does: last to first. Block 3 was never full, 2 was not cached.
        Release(3, 2, 1, 0);

        Assert.Equal([2, 3, 4, 5, 6, 7, 8, 9, 1, 0], _pool.EvictionOrder);
        Assert.Equal((2, 2), (_pool.NumCached, _pool.NumFreeCached));
        _pool.Verify();
    }

    [Fact]
    public void Allocate_CachedBlockAtTheHead_EvictsAPrefixFromItsEnd()
    {
        Allocate(10);
        SequenceHash first = Cache(0, Root, 1);
        SequenceHash second = Cache(1, first, 2);
        Release(1, 0);
        _news.Clear();

        Assert.Equal(1, _pool.Allocate());
        Assert.Null(_pool.Find(second, first, Tokens(2)));
        Assert.Equal(0, _pool.Find(first, Root, Tokens(1)));
        Assert.Equal([$"removed {second.Key}"], _news);
        Assert.Equal(0, _pool.Allocate());
        Assert.Equal((0, 0), (_pool.NumCached, _pool.NumFreeCached));
        _pool.Verify();
    }

    [Fact]
    public void Acquire_FreeCachedBlock_LeavesTheFreeListFromTheMiddle()
    {
        Allocate(10);
        SequenceHash first = Cache(0, Root, 1);
        Cache(1, first, 2);
        Cache(2, Hash(first, 2), 3);
        Release(2, 1, 0);
        Assert.Equal([2, 1, 0], _pool.EvictionOrder);

        _pool.Acquire(1);

        Assert.Equal([2, 0], _pool.EvictionOrder);
        Assert.Equal((1, 2, 3), (_pool.Holders(1), _pool.NumFreeCached, _pool.NumCached));
        _pool.Verify();
    }

    [Fact]
    public void Release_HeldTwice_FreeOnlyWithTheLastHolder()
    {
        Allocate(1);
        Cache(0, Root, 1);
        _pool.Acquire(0);
        Assert.Equal(2, _pool.Holders(0));

        _pool.Release(0);
        Assert.Equal((1, 9, 0), (_pool.Holders(0), _pool.NumFree, _pool.NumFreeCached));

        _pool.Release(0);
        Assert.Equal((0, 10, 1), (_pool.Holders(0), _pool.NumFree, _pool.NumFreeCached));
        Assert.Equal(0, _pool.EvictionOrder.Last());
    }

    [Fact]
    public void Release_MoreOftenThanHeld_Refuses()
    {
        Allocate(1);
        _pool.Release(0);

        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => _pool.Release(0));

        Assert.Contains("Block 0", thrown.Message);
    }

    [Fact]
    public void Find_SameHashOtherTokens_IsNoHit()
    {
        Allocate(1);
        SequenceHash hash = Cache(0, Root, 1);

        Assert.Equal(0, _pool.Find(hash, Root, Tokens(1)));
        Assert.Null(_pool.Find(hash, Root, [1, 1, 1, 2]));
    }

    [Fact]
    public void Find_SameHashOtherParent_IsNoHit()
    {
        Allocate(1);
        SequenceHash hash = Cache(0, Root, 1);

        Assert.Null(_pool.Find(hash, BlockHasher.Root("another tenant"), Tokens(1)));
    }

    [Fact]
    public void Cache_ReusedBlock_IsFoundUnderItsNewTokensOnly()
    {
        Allocate(10);
        SequenceHash old = Cache(0, Root, 1);
        _pool.Release(0);
        Assert.Equal(0, _pool.Allocate());
        SequenceHash renewed = Cache(0, Root, 7);

        Assert.Null(_pool.Find(old, Root, Tokens(1)));
        Assert.Equal(0, _pool.Find(renewed, Root, Tokens(7)));
    }

    [Fact]
    public void Cache_Stored_TellsTheParentExceptAtTheStart()
    {
        Allocate(2);

        SequenceHash first = Cache(0, Root, 1);
        SequenceHash second = Cache(1, first, 2);
        Cache(1, first, 2);

        Assert.Equal([$"stored {first.Key} behind nothing", $"stored {second.Key} behind {first.Key}"], _news);
    }

    void IBlockPoolListener.OnStored(BlockKey? parent, BlockKey block) =>
        _news.Add($"stored {block} behind {parent?.ToString() ?? "nothing"}");

    [Fact]
    public void ForgetFree_NothingHeld_ForgetsAllAndSaysSoOnce()
    {
        Allocate(3);
        SequenceHash first = Cache(0, Root, 1);
        Cache(1, first, 2);
        Release(2, 1, 0);
        _news.Clear();

        Assert.Equal(2, _pool.ForgetFree());

        Assert.Null(_pool.Find(first, Root, Tokens(1)));
        Assert.Equal((0, 0, 10), (_pool.NumCached, _pool.NumFreeCached, _pool.NumFree));
        Assert.Equal(["cleared"], _news);
        _pool.Verify();
    }

    [Fact]
    public void ForgetFree_OneHeld_ItStaysFindable()
    {
        Allocate(3);
        SequenceHash first = Cache(0, Root, 1);
        SequenceHash second = Cache(1, first, 2);
        Release(1);
        _news.Clear();

        Assert.Equal(1, _pool.ForgetFree());

        Assert.Equal((0, null), (_pool.Find(first, Root, Tokens(1)), _pool.Find(second, first, Tokens(2))));
        Assert.Equal([$"removed {second.Key}"], _news);
        _pool.Verify();
    }

    [Fact]
    public void ForgetFree_AllocatedAgain_EvictsNothing()
    {
        Allocate(1);
        Cache(0, Root, 1);
        Release(0);
        _pool.ForgetFree();
        _news.Clear();

        Allocate(10);

        Assert.Empty(_news);
    }

    void IBlockPoolListener.OnCleared() => _news.Add("cleared");

    void IBlockPoolListener.OnRemoved(BlockKey block) => _news.Add($"removed {block}");

    private static int[] Tokens(int token) => [token, token, token, token];

    private static SequenceHash Hash(SequenceHash parent, int token) => BlockHasher.Chain(parent, Tokens(token));

    private int[] Allocate(int count) => [.. Enumerable.Range(0, count).Select(_ => _pool.Allocate())];

    private SequenceHash Cache(int block, SequenceHash parent, int token)
    {
        SequenceHash hash = Hash(parent, token);
        _pool.Cache(block, hash, parent, parent == Root, Tokens(token));
        return hash;
    }

    private void Release(params int[] blocks)
    {
        foreach (int block in blocks)
        {
            _pool.Release(block);
        }
    }
}
