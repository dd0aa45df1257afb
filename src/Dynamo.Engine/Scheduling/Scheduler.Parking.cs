namespace Dynamo.Engine.Scheduling;

/// <content>
/// Sequences on their way from one engine to another. The one they leave parks them, so that their blocks stay until the last byte has been
/// read; the one they come to reserves blocks, and takes them into its steps when the last byte is in. <see cref="Finish"/> ends either.
/// </content>
internal sealed partial class Scheduler
{
    /// <summary>Sequences that hold a slot and blocks and are in no step.</summary>
    public int NumParked { get; private set; }

    /// <summary>Takes a running sequence out of the steps. Its blocks stay held and unchanged until <see cref="Finish"/>.</summary>
    public void Park(Sequence sequence)
    {
        Require(sequence, SequenceState.Running);
        _running.Remove(sequence);
        sequence.State = SequenceState.Parked;
        NumParked++;
    }

    /// <summary>
    /// Reserves blocks for all tokens of a new sequence, whose keys and values but the last token's come from elsewhere. Whoever waits here
    /// already goes first.
    /// </summary>
    /// <returns>
    /// Whether there is room; if not, nothing has changed. If so, <see cref="Sequence.NumComputedTokens"/> says how many of its tokens are here
    /// already and need not come.
    /// </returns>
    public bool TryReserve(Sequence sequence)
    {
        Require(sequence, SequenceState.New);
        if (_waiting.Count > 0 || _freeSlots.Count == 0)
        {
            return false;
        }

        int numHits = _prefixCaching ? FindPrefix(sequence) : 0;
        if (!Fits(sequence, numHits))
        {
            return false;
        }

        HoldPrefix(sequence, numHits);
        Grow(sequence, BlocksFor(sequence.NumTokens));
        sequence.State = SequenceState.Parked;
        NumParked++;
        return true;
    }

    /// <summary>The keys and values of a reserved sequence are in its blocks: it decodes from the next step on, and others find its full blocks.</summary>
    public void Resume(Sequence sequence)
    {
        Require(sequence, SequenceState.Parked);
        NumParked--;
        sequence.State = SequenceState.Running;
        sequence.NumComputedTokens = sequence.NumTokens - 1;
        _running.Add(sequence);
        if (_prefixCaching)
        {
            CacheFullBlocks(sequence);
        }
    }

    private static void Require(Sequence sequence, SequenceState state)
    {
        if (sequence.State != state)
        {
            throw new InvalidOperationException($"Sequence {sequence.Id} is {sequence.State} and must be {state}.");
        }
    }
}
