using Dynamo.Routing.Prefixes;
using Xunit;

namespace Dynamo.UnitTests.Routing.Prefixes;

public sealed unsafe class ArenaTests
{
    private const int PageBytes = 256 << 10;

    // Many records to a page, whether their size divides it or not; one; one that is larger.
    [Theory]
    [InlineData(4)]
    [InlineData(24)]
    [InlineData(96)]
    [InlineData(PageBytes)]
    [InlineData(WordPool.MaxWords * sizeof(ulong))]
    public void Records_StayWhileItGrowsAndShrinksOverTheBordersOfPages(int stride)
    {
        Arena arena = new(stride);
        uint page = 1;
        while (2 * page * stride <= PageBytes)
        {
            page *= 2;
        }

        long full = 0;
        foreach (uint count in (uint[])[1, 0, page / 2, page - 1, page, page + 1, page - 1, page + 1, (3 * page) + 1, 3 * page, (2 * page) - 1, (2 * page) + 1, 1, page + 1, 0, 1])
        {
            while (arena.Count < count)
            {
                uint index = arena.Push();
                *(uint*)arena[index] = index;
                *(uint*)(arena[index] + stride - sizeof(uint)) = index;
            }

            while (arena.Count > count)
            {
                arena.Pop();
            }

            for (uint i = 0; i < count; i++)
            {
                Assert.Equal((i, i), (*(uint*)arena[i], *(uint*)(arena[i] + stride - sizeof(uint))));
            }

            full = Math.Max(full, arena.NumBytes);
            Assert.InRange(arena.NumBytes, count * (long)stride, Math.Max(count + (2L * page), 512 / stride) * stride);
        }

        Assert.InRange(full, 3L * page * stride, 5L * page * stride);
        GC.KeepAlive(arena);
    }

    [Fact]
    public void SizeClasses_AreTheSmallestWithRoom_UpToTheLargestRecord()
    {
        for (int numWords = 1; numWords <= WordPool.MaxWords; numWords++)
        {
            int sizeClass = WordPool.ClassOf(numWords);
            Assert.InRange(numWords, sizeClass == 0 ? 1 : WordPool.Capacity(sizeClass - 1) + 1, WordPool.Capacity(sizeClass));
        }

        Assert.Equal(WordPool.NumClasses - 1, WordPool.ClassOf(WordPool.MaxWords));
    }
}
