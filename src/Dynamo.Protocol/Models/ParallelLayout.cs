using System.Globalization;

namespace Dynamo.Protocol.Models;

/// <summary>How a model lies over the ranks of one instance. This version runs <see cref="Single"/> alone; who needs to know asks here.</summary>
/// <param name="TensorParallel">Ranks that share each layer, at least 1.</param>
/// <param name="PipelineParallel">Stages of layers, at least 1.</param>
public readonly record struct ParallelLayout(int TensorParallel, int PipelineParallel)
{
    /// <summary>The rank that takes requests and gives tokens, of those that share data-parallel work as well: the only one that there is.</summary>
    public const int HeadRank = 0;

    /// <summary>One rank has it all.</summary>
    public static ParallelLayout Single { get; } = new(1, 1);

    /// <summary>Ranks of an instance.</summary>
    public int WorldSize => TensorParallel * PipelineParallel;

    /// <summary>As in a numerics class: <c>tp1</c>, <c>tp4-pp2</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"tp{TensorParallel}{(PipelineParallel == 1 ? "" : $"-pp{PipelineParallel}")}");
}
