namespace Dynamo.Engine.Scheduling;

/// <summary>First come, first served; preempted sequences return to the front. Linked through the sequences, so any of them leaves in O(1).</summary>
internal sealed class WaitingQueue
{
    private Sequence? _first;
    private Sequence? _last;

    public int Count { get; private set; }

    /// <summary>Tokens of all sequences in the queue; none of them is computed.</summary>
    public long NumTokens { get; private set; }

    public Sequence? First => _first;

    public void AddLast(Sequence sequence)
    {
        sequence.PreviousWaiting = _last;
        sequence.NextWaiting = null;
        if (_last is null)
        {
            _first = sequence;
        }
        else
        {
            _last.NextWaiting = sequence;
        }

        _last = sequence;
        Count++;
        NumTokens += sequence.NumTokens;
    }

    public void AddFirst(Sequence sequence)
    {
        sequence.NextWaiting = _first;
        sequence.PreviousWaiting = null;
        if (_first is null)
        {
            _last = sequence;
        }
        else
        {
            _first.PreviousWaiting = sequence;
        }

        _first = sequence;
        Count++;
        NumTokens += sequence.NumTokens;
    }

    public void Remove(Sequence sequence)
    {
        if (sequence.PreviousWaiting is { } previous)
        {
            previous.NextWaiting = sequence.NextWaiting;
        }
        else
        {
            _first = sequence.NextWaiting;
        }

        if (sequence.NextWaiting is { } next)
        {
            next.PreviousWaiting = sequence.PreviousWaiting;
        }
        else
        {
            _last = sequence.PreviousWaiting;
        }

        sequence.NextWaiting = null;
        sequence.PreviousWaiting = null;
        Count--;
        NumTokens -= sequence.NumTokens;
    }
}
