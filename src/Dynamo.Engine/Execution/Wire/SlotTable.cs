namespace Dynamo.Engine.Execution.Wire;

/// <summary>
/// The slots as the plans so far left them, and the order in which the last one named them. Writer and reader each have one and do the same to it,
/// so that what follows from it need not travel. Callers check what they do to it. Not thread-safe.
/// </summary>
/// <param name="maxNumSequences">How many slots there are.</param>
internal sealed class SlotTable(int maxNumSequences)
{
    private readonly SlotState[] _slots = new SlotState[maxNumSequences];
    private readonly int[] _order = new int[maxNumSequences];
    private int _numOrdered;

    /// <summary>The slots that the next batch is taken to have.</summary>
    public ReadOnlySpan<int> Order => _order.AsSpan(0, _numOrdered);

    /// <summary>A slot's state, to be changed.</summary>
    /// <param name="slot">0 to the number of slots - 1.</param>
    public ref SlotState this[int slot] => ref _slots[slot];

    /// <summary>Whether a sequence has a slot; no slot is none's.</summary>
    /// <param name="slot">Any number.</param>
    public bool IsTaken(int slot) => (uint)slot < (uint)_slots.Length && _slots[slot].IsTaken;

    /// <summary>Ends a slot that is taken. It stays in the order until <see cref="DropEnded"/>.</summary>
    public void End(int slot) => _slots[slot] = default;

    /// <summary>Takes slots that nobody has out of the order; after all ends of a plan and before its starts.</summary>
    public void DropEnded()
    {
        int kept = 0;
        for (int i = 0; i < _numOrdered; i++)
        {
            if (_slots[_order[i]].IsTaken)
            {
                _order[kept++] = _order[i];
            }
        }

        _numOrdered = kept;
    }

    /// <summary>Gives a slot that nobody has to a sequence, last in the order.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="numTokens">Tokens that it starts with.</param>
    /// <param name="numComputedTokens">Position of its first row.</param>
    public void Start(int slot, int numTokens, int numComputedTokens)
    {
        _slots[slot] = new SlotState { IsTaken = true, NumTokens = numTokens, NextPosition = numComputedTokens };
        _order[_numOrdered++] = slot;
    }

    /// <summary>Sets the order.</summary>
    /// <param name="slots">No more than there are, none twice.</param>
    public void SetOrder(ReadOnlySpan<int> slots)
    {
        slots.CopyTo(_order);
        _numOrdered = slots.Length;
    }
}
