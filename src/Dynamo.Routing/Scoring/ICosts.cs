using System.Runtime.Intrinsics;

namespace Dynamo.Routing.Scoring;

/// <summary>A cost of one request, of several workers at once.</summary>
internal interface ICosts
{
    /// <summary>The totals.</summary>
    /// <param name="at">Which of the columns' vectors.</param>
    /// <param name="overlaps">By worker: blocks of the prompt that it has.</param>
    /// <param name="booked">By worker: blocks of the prompt that its requests hold.</param>
    Vector512<double> Of(int at, Vector512<double> overlaps, Vector512<double> booked);
}
