using Dynamo.Protocol.KV;

namespace Dynamo.Cluster.Events;

/// <summary>
/// Gathers the pages of a worker's list. Its runs come in no order; a prefix index finds a run's place sooner where its parent has been passed on before.
/// Not thread-safe.
/// </summary>
internal sealed class BlockList
{
    private readonly List<KVBlockRun> _runs = [];
    private readonly Dictionary<BlockKey, int> _runOf = [];

    /// <summary>Adds a page's runs; a page may come again.</summary>
    public void Add(KVBlockPage page)
    {
        foreach (KVBlockRun run in page.Runs)
        {
            foreach (BlockKey block in run.Blocks)
            {
                _runOf[block] = _runs.Count;
            }

            _runs.Add(run);
        }
    }

    /// <summary>All runs, each behind the one that has its parent.</summary>
    public IEnumerable<KVBlockRun> ParentsFirst()
    {
        bool[] isSeen = new bool[_runs.Count];
        Stack<int> path = [];
        for (int first = 0; first < isSeen.Length; first++)
        {
            for (int run = first; run >= 0 && !isSeen[run]; run = ParentOf(run))
            {
                isSeen[run] = true;
                path.Push(run);
            }

            while (path.TryPop(out int run))
            {
                yield return _runs[run];
            }
        }
    }

    private int ParentOf(int run) => _runs[run].Parent is { } parent && _runOf.TryGetValue(parent, out int its) ? its : -1;
}
