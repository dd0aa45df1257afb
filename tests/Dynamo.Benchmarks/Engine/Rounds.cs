using Dynamo.Benchmarks.Llama;
using Dynamo.Benchmarks.Probes;

namespace Dynamo.Benchmarks.Engine;

/// <summary>
/// Interleaves both engines: in every round each cell is run by one and at once by the other, the order changing from round to round, so that
/// a slow minute of the machine meets both.
/// </summary>
internal sealed class Rounds(OurEngine ours, LlamaProcess? llama, MachineProbes probes)
{
    // Threads of both engines spin for a while after their work (libgomp some milliseconds, ggml up to 100) and would disturb the other.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(250);

    private readonly HostLoad _load = new(llama is null ? [] : [llama.Process]);
    private readonly CellSeries[] _series = [.. Cell.All.Select(static cell => new CellSeries(cell))];
    private readonly List<double> _bandwidths = [];
    private readonly List<double> _float32 = [];
    private readonly List<double> _bfloat16 = [];

    /// <summary>The cells.</summary>
    public IReadOnlyList<CellSeries> Series => _series;

    /// <summary>Bytes per second read from memory.</summary>
    public Spread Bandwidth => Spread.Of(_bandwidths);

    /// <summary>Operations per second in float32.</summary>
    public Spread Float32 => Spread.Of(_float32);

    /// <summary>Operations per second in bfloat16, 0 where the processor has none.</summary>
    public Spread BFloat16 => Spread.Of(_bfloat16);

    /// <summary>The most operations per second that were seen.</summary>
    public double Peak => Math.Max(Float32.Max, BFloat16.Max);

    /// <summary>Runs every cell once without counting it.</summary>
    public void WarmUp()
    {
        foreach (Cell cell in Cell.All)
        {
            cell.Run(ours);
            if (llama is not null)
            {
                cell.Run(llama);
            }
        }
    }

    /// <summary>Runs one round.</summary>
    /// <param name="number">From 0.</param>
    public void Run(int number)
    {
        Rest();
        _float32.Add(probes.Float32());
        _bfloat16.Add(probes.BFloat16());
        foreach (CellSeries series in _series)
        {
            series.Add(RunCell(series.Cell, oursFirst: number % 2 == 0));
        }
    }

    private Sample RunCell(Cell cell, bool oursFirst)
    {
        double before = Bandwidths();
        _load.OthersShare();
        double? theirs = llama is not null && !oursFirst ? Timed(cell, llama) : null;
        double seconds = Timed(cell, ours);
        if (llama is not null && oursFirst)
        {
            theirs = Timed(cell, llama);
        }

        double othersShare = _load.OthersShare();
        double after = Bandwidths();
        return new Sample(
            seconds,
            theirs,
            (before + after) / 2,
            Math.Abs(after - before) / Math.Max(before, after),
            othersShare,
            cell.BatchSize is null ? 0 : ours.ShareOutsideRunner);
    }

    private double Bandwidths()
    {
        Rest();
        double bandwidth = probes.ReadBandwidth();
        _bandwidths.Add(bandwidth);
        return bandwidth;
    }

    private static double Timed(Cell cell, IPeer peer)
    {
        Rest();
        return cell.Run(peer).Seconds;
    }

    private static void Rest() => Thread.Sleep(Settle);
}
