namespace Dynamo.Engine.Sharing;

/// <summary>Shares a host's cores among the engines that are busy. Every engine computes the same from the same claims.</summary>
internal static class CoreShare
{
    /// <summary>
    /// Threads for one of the claims. Those with a fixed number have theirs first. Then each in turn gets one more core of its processors while
    /// there is one, moving others' to processors that only they may use; and nobody goes without a thread.
    /// </summary>
    /// <param name="claims">All that count, at most <see cref="ClaimTable{T}.MaxClaims"/>.</param>
    /// <param name="own">Whose share is wanted.</param>
    /// <returns>1 to <see cref="CoreClaim.NumThreads"/>.</returns>
    public static int Of(ReadOnlySpan<CoreClaim> claims, int own)
    {
        if (claims[own].IsFixed != 0)
        {
            return claims[own].NumThreads;
        }

        Sharing sharing = new()
        {
            Claims = claims,
            Given = stackalloc CpuSet[claims.Length],
            Counts = stackalloc int[claims.Length],
            IsAsked = stackalloc bool[claims.Length],
        };
        sharing.Given.Clear();
        sharing.Counts.Clear();
        foreach (ref readonly CoreClaim claim in claims)
        {
            sharing.Free.Add(claim.Processors);
        }

        sharing.Run(isFixed: 1);
        sharing.Run(isFixed: 0);
        return Math.Max(1, sharing.Counts[own]);
    }

    private ref struct Sharing
    {
        public ReadOnlySpan<CoreClaim> Claims;
        public Span<CpuSet> Given;
        public Span<int> Counts;
        public Span<bool> IsAsked;
        public CpuSet Free;

        public void Run(int isFixed)
        {
            bool isAnyGiven;
            do
            {
                isAnyGiven = false;
                for (int i = 0; i < Claims.Length; i++)
                {
                    if (Claims[i].IsFixed != isFixed || Counts[i] >= Claims[i].NumThreads || !HasQuota(i))
                    {
                        continue;
                    }

                    IsAsked.Clear();
                    if (TryGive(i))
                    {
                        Counts[i]++;
                        isAnyGiven = true;
                    }
                }
            }
            while (isAnyGiven);
        }

        private readonly bool HasQuota(int index)
        {
            if (Claims[index].Group == 0)
            {
                return true;
            }

            int used = 0;
            for (int i = 0; i < Claims.Length; i++)
            {
                used += Claims[i].Group == Claims[index].Group ? Counts[i] : 0;
            }

            return used < Claims[index].GroupCores;
        }

        // A free core, or one of somebody who then finds another (an augmenting path of bipartite matching).
        private bool TryGive(int index)
        {
            IsAsked[index] = true;
            ref readonly CpuSet wanted = ref Claims[index].Processors;
            if (wanted.FirstCommon(Free) is var free and >= 0)
            {
                Free.Remove(free);
                Given[index].Add(free);
                return true;
            }

            if (Free.Count == 0)
            {
                return false;
            }

            for (int other = 0; other < Claims.Length; other++)
            {
                if (!IsAsked[other] && wanted.FirstCommon(Given[other]) is var core and >= 0 && TryGive(other))
                {
                    Given[other].Remove(core);
                    Given[index].Add(core);
                    return true;
                }
            }

            return false;
        }
    }
}
