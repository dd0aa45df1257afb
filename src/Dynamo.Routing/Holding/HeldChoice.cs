using Dynamo.Routing.Bookings;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Prefixes;
using Dynamo.Routing.Questions;
using Dynamo.Routing.Scoring;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing.Holding;

/// <summary>Chooses what a worker that can take something gets of what is held: the least work there, less what waiting is worth. Not thread-safe.</summary>
internal sealed class HeldChoice(RouterOptions options, HoldQueue held, Assessment assessment, WorkerTable workers, IPrefixIndex known, BookedPrompts booked)
{
    // Where a held request's prefixes are is looked up anew when it may be sent and this long has passed.
    private const double LookUpMilliseconds = 250;

    private readonly HoldOptions _hold = options.Hold ?? new HoldOptions();
    private readonly List<HeldRequest> _window = [];

    /// <summary>Takes one off the queue.</summary>
    /// <param name="worker">Where it would go.</param>
    /// <param name="now">The moment.</param>
    /// <returns>The request, or <see langword="null"/> when none can go there now.</returns>
    public HeldRequest? Take(WorkerEntry worker, double now)
    {
        if (held.Count == 0 || worker.State != WorkerState.Ready || worker.NumQueued >= _hold.MaxQueued || assessment.IsBusy(worker))
        {
            return null;
        }

        HeldRequest? best = null;
        double bestScore = double.PositiveInfinity;
        double bestWork = 0;
        held.Window(_window, _hold.Window);
        foreach (HeldRequest request in _window)
        {
            if (CanTake(worker, request, now, out int uncachedTokens))
            {
                double work = worker.Speed.PrefillMilliseconds * uncachedTokens;
                double score = work - (_hold.AgeWeight * (now - request.Since)) + held.Ahead(request);
                if (score < bestScore)
                {
                    (best, bestScore, bestWork) = (request, score, work);
                }
            }
        }

        if (best is not null)
        {
            held.Send(best, bestWork);
        }

        return best;
    }

    // Whether the worker can take it, and what it would have to compute, as far as known.
    private bool CanTake(WorkerEntry worker, HeldRequest request, double now, out int uncachedTokens)
    {
        RouteQuery query = request.Query;
        uncachedTokens = 0;
        int atRequests = booked.Depth(worker.Slot, query.Keys());
        if (assessment.ReasonAgainst(worker, query) != Ineligibility.None
            || !(now - request.Since > _hold.MaxFitMilliseconds || worker.Fits(Inquiry.BlocksOf(query.NumTokens, options.BlockSize) - atRequests)))
        {
            return false;
        }

        if (now - request.LookedUpAt > LookUpMilliseconds || request.Depths.Length <= worker.Slot)
        {
            request.LookedUpAt = now;
            request.Depths = request.Depths.Length < workers.NumSlots ? new int[workers.NumSlots] : request.Depths;
            known.Match(query.Keys(), request.Depths.AsSpan(0, workers.NumSlots));
        }

        int overlap = options.PredictOnRoute ? Math.Max(request.Depths[worker.Slot], atRequests) : request.Depths[worker.Slot];
        uncachedTokens = CostInput.UncachedTokensOf(query.NumTokens, overlap, options.BlockSize);
        return true;
    }
}
