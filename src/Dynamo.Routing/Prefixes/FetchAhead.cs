namespace Dynamo.Routing.Prefixes;

/// <summary>
/// Brings what a lookup of consecutive blocks will need near, all at once instead of one after the other: samples of the keys find the runs between
/// them. First come the table's lines of the samples, then the runs' headers, then keys and holders. Between such steps others may do something
/// else, so that nobody waits for memory.
/// </summary>
/// <param name="runs">The runs.</param>
/// <param name="table">Where keys are.</param>
/// <param name="holders">Their holders.</param>
internal sealed class FetchAhead(RunStore runs, KeyTable table, HolderStore holders)
{
    // Blocks between samples, and samples taken at once.
    private const int SampleStride = 48;
    private const int NumSamples = 12;

    private readonly RunStore _runs = runs;
    private readonly KeyTable _table = table;
    private readonly HolderStore _holders = holders;
    private readonly ulong[] _samples = new ulong[NumSamples];
    private readonly uint[] _found = new uint[NumSamples];
    private ulong _first;
    private int _length;
    private int _numSamples;
    private int _numFound;
    private int _next;
    private Step _step = Step.All;

    // The last that was taken.
    private enum Step
    {
        Lines,
        Headers,
        All,
    }

    /// <summary>Takes a step for the blocks of a lookup that comes soon.</summary>
    public void Expect(ReadOnlySpan<ulong> blocks)
    {
        if (IsUnderWay(blocks))
        {
            GoOn();
        }
        else
        {
            Begin(blocks);
        }
    }

    /// <summary>Takes all steps that are left.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <returns>For how many.</returns>
    public int Fetch(ReadOnlySpan<ulong> blocks)
    {
        if (!IsUnderWay(blocks))
        {
            Begin(blocks);
        }

        while (_step != Step.All)
        {
            GoOn();
        }

        return _numSamples == 0 ? blocks.Length : NumSamples * SampleStride;
    }

    /// <summary>The lookup is at a run now: behind the last one of which samples told, fetches what it will need if that goes on as it did last.</summary>
    /// <param name="run">The run.</param>
    /// <param name="offset">Where in it.</param>
    /// <param name="blocks">The blocks from there on.</param>
    public void Reach(uint run, int offset, ReadOnlySpan<ulong> blocks)
    {
        while (_next < _numFound && _found[_next] == run)
        {
            _next++;
        }

        if (_next == _numFound)
        {
            FetchBehind(_runs[run], offset, blocks);
        }
    }

    /// <summary>Finds a live block that begins the next of the runs fetched, which spares a look into the table.</summary>
    /// <param name="key">The block's key.</param>
    /// <param name="run">Its run.</param>
    public bool TryFindFirst(ulong key, out uint run)
    {
        run = _next < _numFound ? _found[_next] : 0;
        return run != 0 && (_runs[run].Live & 1) != 0 && _runs.HasKey(run, 0, key);
    }

    // Others of one length that begin alike are taken for the same: what is found is a guess anyway.
    private bool IsUnderWay(ReadOnlySpan<ulong> blocks) => _step != Step.All && blocks.Length == _length && blocks[0] == _first;

    private void Begin(ReadOnlySpan<ulong> blocks)
    {
        (_numSamples, _numFound, _next) = (0, 0, 0);
        if (blocks.Length <= 1 || !_runs.AreFar)
        {
            _step = Step.All;
            return;
        }

        (_first, _length, _step) = (blocks[0], blocks.Length, Step.Lines);
        for (int start = 0; start < blocks.Length && _numSamples < NumSamples; start += SampleStride)
        {
            ulong sample = SampleOf(blocks.Slice(start, Math.Min(SampleStride, blocks.Length - start)));
            _samples[_numSamples++] = sample;
            _table.Prefetch(sample);
        }
    }

    private void GoOn()
    {
        if (_step == Step.Lines)
        {
            foreach (ulong sample in _samples.AsSpan(0, _numSamples))
            {
                uint run = _table.Guess(sample).Run;
                if (run != 0)
                {
                    _found[_numFound++] = run;
                    _runs.PrefetchRun(run);
                }
            }

            _step = Step.Headers;
            return;
        }

        foreach (uint run in _found.AsSpan(0, _numFound))
        {
            _runs.PrefetchKeys(run);
            _holders.PrefetchRecord(_runs[run]);
            _runs.PrefetchRun(_runs[run].Next);
        }

        _step = Step.All;
    }

    private void FetchBehind(in Run run, int offset, ReadOnlySpan<ulong> blocks)
    {
        int length = Run.Length(run.Live, offset);
        if (length >= blocks.Length)
        {
            return;
        }

        _table.Prefetch(blocks[length]);
        if (run.Next != 0)
        {
            ref Run next = ref _runs[run.Next];
            length += Run.Length(next.Live, 0);
            if (length < blocks.Length)
            {
                _table.Prefetch(blocks[length]);
                _runs.PrefetchRun(next.Next);
            }

            _runs.PrefetchKeys(run.Next);
            _holders.PrefetchRecord(next);
        }
    }

    // The first that the table must know, if anybody holds it.
    private static ulong SampleOf(ReadOnlySpan<ulong> blocks)
    {
        foreach (ulong block in blocks)
        {
            if (BlockFinder.IsLandmark(block))
            {
                return block;
            }
        }

        return blocks[0];
    }
}
