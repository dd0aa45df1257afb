using System.Numerics;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing.Costs;

/// <summary><see cref="TimeCost.Total"/> of one request at all workers, the same to the bit, as vectors.</summary>
internal static class TimeCosts
{
    /// <summary>Fills the totals.</summary>
    /// <param name="totals">By worker.</param>
    /// <param name="workers">The workers.</param>
    /// <param name="overlaps">By worker: blocks of the prompt that it has.</param>
    /// <param name="numTokens">Tokens of the prompt.</param>
    /// <param name="blockSize">Tokens of a block.</param>
    /// <param name="now">The moment.</param>
    /// <param name="perMeanRecent">The inverse of what workers got lately on average; 0 when that was nothing.</param>
    public static void Fill(Span<Vector<double>> totals, WorkerColumns workers, ReadOnlySpan<Vector<int>> overlaps, int numTokens, int blockSize, double now, double perMeanRecent)
    {
        ReadOnlySpan<Vector<double>> rates = workers.Rate;
        ReadOnlySpan<Vector<double>> queuedTokens = workers.QueuedTokens;
        ReadOnlySpan<Vector<double>> queuedSince = workers.QueuedSince;
        ReadOnlySpan<Vector<double>> steps = workers.Step;
        ReadOnlySpan<Vector<double>> recents = workers.Recent;
        Vector<double> moment = new(now);
        Vector<double> perMean = new(perMeanRecent);
        for (int i = 0; i < overlaps.Length; i++)
        {
            Vector<int> uncached = Vector.Max(Vector<int>.One, new Vector<int>(numTokens) - (overlaps[i] * blockSize));
            Vector.Widen(uncached, out Vector<long> low, out Vector<long> high);
            int at = 2 * i;
            totals[at] = TimeCost.TotalOf(rates[at], queuedTokens[at], moment - queuedSince[at], steps[at], Vector.ConvertToDouble(low), recents[at] * perMean);
            at++;
            totals[at] = TimeCost.TotalOf(rates[at], queuedTokens[at], moment - queuedSince[at], steps[at], Vector.ConvertToDouble(high), recents[at] * perMean);
        }
    }
}
