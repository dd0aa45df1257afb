using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing.Scoring;

/// <summary>
/// Milliseconds until a request's first token at a worker (docs/routing.md, The cost). What it adds to the worker's queue counts for more, for
/// it delays those that come after. A pure function.
/// </summary>
/// <param name="Total">The cost; lowest wins.</param>
/// <param name="Rate">Milliseconds for a prompt token: its own, and its share of the decoding that each step does besides.</param>
/// <param name="Wait">For the prompts before this one, less what has been done of them.</param>
/// <param name="Step">For the sequences that decode there: the step that is under way, and their part of the one that ends this prompt.</param>
/// <param name="Own">For this prompt, and six tenths more.</param>
/// <param name="Balance">Its own time again, the more the more work the worker got lately: what comes to it stays, as the prefixes of later prompts.</param>
public readonly record struct TimeCost(double Total, double Rate, double Wait, double Step, double Own, double Balance)
{
    // Of the work before it that cannot be done already, however long ago the last first token was: what is known of a worker may be wrong.
    private const double LeastWait = 0.3;
    private const double OwnWeight = 1.6;
    private const double BalanceWeight = 0.4;

    // What a worker got lately counts as so many times the average at most: the first one to get anything got all there is.
    private const double MostRecent = 2;

    /// <summary>Evaluates it.</summary>
    public static TimeCost Of(in CostInput input)
    {
        double decode = input.Speed.DecodeAt(input.BookedBlocks, input.Capacity);
        double rate = input.Speed.RateAt(decode, input.MaxBatchedTokens);
        double queued = input.QueuedTokens * rate;
        double wait = Math.Max(queued - input.QueuedMilliseconds, LeastWait * queued);
        double step = StepSpeed.RestOf(decode, input.NumLive - input.NumQueued);
        double own = input.UncachedTokens * rate;
        double balance = BalanceWeight * Math.Min(input.RecentShare, MostRecent) * own;
        own *= OwnWeight;
        return new TimeCost(wait + step + own + balance, rate, wait, step, own, balance);
    }

    /// <summary><see cref="Total"/> of several workers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<double> TotalOf(
        Vector512<double> rate,
        Vector512<double> queuedTokens,
        Vector512<double> queuedMilliseconds,
        Vector512<double> step,
        Vector512<double> uncachedTokens,
        Vector512<double> recentShare)
    {
        Vector512<double> queued = queuedTokens * rate;
        Vector512<double> own = uncachedTokens * rate;
        Vector512<double> recent = Vector512.MinNative(recentShare, Vector512.Create<double>(MostRecent));
        return Vector512.MaxNative(queued - queuedMilliseconds, LeastWait * queued) + step + (own * OwnWeight) + (BalanceWeight * recent * own);
    }
}
