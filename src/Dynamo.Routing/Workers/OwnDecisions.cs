using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;

namespace Dynamo.Routing.Workers;

/// <summary>
/// Stands in for the events of workers that send none: what was sent to a worker counts as held there for a while. Not thread-safe.
/// </summary>
internal sealed class OwnDecisions(IPrefixIndex known, double lifetime)
{
    private readonly IPrefixIndex _known = known;
    private readonly double _lifetime = lifetime;
    private readonly Dictionary<(int Slot, BlockKey Block), double> _until = [];
    private readonly Queue<(double Until, int Slot, BlockKey[] Blocks)> _decisions = [];

    public void Add(int slot, BlockKey[] blocks, double now)
    {
        double until = now + _lifetime;
        _known.Stored(slot, null, blocks);
        foreach (BlockKey block in blocks)
        {
            _until[(slot, block)] = until;
        }

        _decisions.Enqueue((until, slot, blocks));
    }

    /// <summary>Forgets what has not been sent again in time.</summary>
    public void Expire(double now)
    {
        while (_decisions.TryPeek(out (double Until, int Slot, BlockKey[] Blocks) oldest) && oldest.Until <= now)
        {
            _decisions.Dequeue();
            foreach (BlockKey block in oldest.Blocks)
            {
                if (_until.TryGetValue((oldest.Slot, block), out double until) && until <= now)
                {
                    _until.Remove((oldest.Slot, block));
                    _known.Removed(oldest.Slot, [block]);
                }
            }
        }
    }

    /// <summary>The slot's worker is gone.</summary>
    public void Clear(int slot)
    {
        foreach ((int Slot, BlockKey Block) entry in _until.Keys.Where(entry => entry.Slot == slot).ToArray())
        {
            _until.Remove(entry);
        }
    }
}
