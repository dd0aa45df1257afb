using System.Globalization;
using Xunit;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>What came of all streams of one round of a fault.</summary>
internal sealed class FaultRound
{
    private readonly List<Verdict> _verdicts;
    private readonly List<TimeSpan> _gaps;

    private FaultRound(List<Verdict> verdicts, List<TimeSpan> gaps, int numInFlight) => (_verdicts, _gaps, NumInFlight) = (verdicts, gaps, numInFlight);

    /// <summary>Streams in all.</summary>
    public int NumStreams => _verdicts.Count;

    /// <summary>Streams that had begun and were not over when the fault was done.</summary>
    public int NumInFlight { get; }

    /// <summary>The longest time after the fault in which a client that waited for a piece got none, the first piece of a request included.</summary>
    public TimeSpan LongestGap => _gaps.Count == 0 ? TimeSpan.Zero : _gaps.Max();

    /// <summary>The same, of the stream in the middle.</summary>
    public TimeSpan MedianGap => _gaps.Count == 0 ? TimeSpan.Zero : _gaps.Order().ElementAt(_gaps.Count / 2);

    /// <summary>Compares streams that are over.</summary>
    /// <param name="records">The streams.</param>
    /// <param name="expected">Answers by number of request.</param>
    /// <param name="fault">When the fault was done; <see langword="null"/>: before all of them.</param>
    public static FaultRound Judge(IReadOnlyList<StreamRecord> records, IReadOnlyList<StreamAnswer> expected, long? fault) => new(
        [.. records.Select(record => Verdict.On(record, expected[record.Number]))],
        [.. records.Where(static record => record.Events.Count > 0).Select(record => record.LongestGapSince(Math.Max(fault ?? 0, record.Sent)))],
        records.Count(record => record.Events.Count > 0 && record.Events[0].Time < fault && record.Events[^1].Time > fault));

    /// <summary>Streams with an outcome.</summary>
    public int Count(Outcome outcome) => _verdicts.Count(verdict => verdict.Outcome == outcome);

    /// <summary>Fails unless every stream is complete and the same as undisturbed.</summary>
    public void AssertExact() => Assert.True(Count(Outcome.Same) == NumStreams, $"{this}\n{string.Join('\n', Faults().Take(6))}");

    /// <summary>Fails when the fault met fewer streams.</summary>
    public void AssertInFlight(int count) => Assert.True(NumInFlight >= count, $"only {NumInFlight} streams were in flight at the fault; {this}");

    /// <summary>Fails when a stream stood still for longer.</summary>
    public void AssertGap(TimeSpan limit) => Assert.True(LongestGap <= limit, $"a stream stood still for {LongestGap.TotalSeconds:0.00} s, allowed are {limit.TotalSeconds:0.00} s; {this}");

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{NumStreams} streams, {NumInFlight} in flight: {Count(Outcome.Same)} the same, {Count(Outcome.Failed)} failed, {Count(Outcome.Lost)} with tokens lost, {Count(Outcome.Doubled)} doubled, {Count(Outcome.Different)} different; still for {MedianGap.TotalMilliseconds:0} ms (median), {LongestGap.TotalMilliseconds:0} ms (longest)");

    private IEnumerable<string> Faults() => _verdicts.Where(static verdict => verdict.Outcome != Outcome.Same).Select(static verdict => $"{verdict.Outcome}: {verdict.Detail}");
}
