using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dynamo.Routing.Costs;

/// <summary>
/// Milliseconds until a request's first token at a worker (docs/routing.md, The cost). What it adds to the worker's queue counts double, for
/// it delays those that come after. A pure function.
/// </summary>
/// <param name="Total">The cost; lowest wins.</param>
/// <param name="Rate">Milliseconds for a prompt token: its own, and its share of the decoding that each step does besides.</param>
/// <param name="Wait">For the prompts before this one, less what has been done of them.</param>
/// <param name="Own">For this prompt, twice.</param>
/// <param name="Balance">Its own time again, the more the more work the worker got lately: what comes to it stays, as the prefixes of later prompts.</param>
public readonly record struct TimeCost(double Total, double Rate, double Wait, double Own, double Balance)
{
    // Of the work before it that cannot be done already, however long ago the last first token was: what is known of a worker may be wrong.
    private const double LeastWait = 0.3;
    private const double OwnWeight = 2;
    private const double BalanceWeight = 0.4;

    /// <summary>Evaluates it.</summary>
    public static TimeCost Of(in CostInput input)
    {
        double rate = RateOf(input.Speed, input.BookedBlocks, input.Capacity, input.MaxBatchedTokens);
        double queued = input.QueuedTokens * rate;
        double wait = Math.Max(queued - input.QueuedMilliseconds, LeastWait * queued);
        double own = input.UncachedTokens * rate;
        double balance = BalanceWeight * input.RecentShare * own;
        own *= OwnWeight;
        return new TimeCost(wait + own + balance, rate, wait, own, balance);
    }

    /// <summary><see cref="Total"/> of several workers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector<double> TotalOf(
        Vector<double> rate, Vector<double> queuedTokens, Vector<double> queuedMilliseconds, Vector<double> uncachedTokens, Vector<double> recentShare)
    {
        Vector<double> queued = queuedTokens * rate;
        Vector<double> own = uncachedTokens * rate;
        return Vector.Max(queued - queuedMilliseconds, LeastWait * queued) + (own * OwnWeight) + (BalanceWeight * recentShare * own);
    }

    /// <summary>Milliseconds that a worker takes for a prompt token.</summary>
    internal static double RateOf(StepSpeed speed, int bookedBlocks, int capacity, int maxBatchedTokens)
    {
        double share = Math.Min(1, (double)bookedBlocks / capacity);
        return speed.PrefillMilliseconds + ((speed.DecodeMilliseconds + (speed.FullDecodeMilliseconds * share)) / maxBatchedTokens);
    }
}
