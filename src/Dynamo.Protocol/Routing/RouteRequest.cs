using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Protocol.Routing;

/// <summary>Asks where a sequence should run. Asking again for the same one takes the place of what was decided before. Must not change.</summary>
/// <remarks>Not sealed: the router keeps its own notes on it.</remarks>
[GenerateSerializer, Immutable, Alias("dynamo.RouteRequest")]
public record RouteRequest
{
    // Orleans writes an array of numbers as such, and of one of records the type of each. A key is nothing but its number, so that one can be seen as the other.
    [Id(3)]
    private readonly ulong[] _blocks = [];

    /// <summary>The sequence.</summary>
    [Id(0)]
    public required RequestId Request { get; init; }

    /// <summary>Workers that have just refused it or could not be reached.</summary>
    [Id(1)]
    public WorkerId[] Excluded { get; init; } = [];

    /// <summary>Tokens to compute, those of an answer that moves included.</summary>
    [Id(2)]
    public required int NumTokens { get; init; }

    /// <summary>Their full blocks, first to last.</summary>
    public BlockKey[] Blocks
    {
        get => Unsafe.As<BlockKey[]>(_blocks);
        init => _blocks = MemoryMarshal.Cast<BlockKey, ulong>(value).ToArray();
    }

    /// <summary>Tokens of a block; 0 when it is not known, and there are none.</summary>
    [Id(11)]
    public int BlockSize { get; init; }

    /// <summary>What the client calls the response, for people who ask why it went where it did.</summary>
    [Id(4)]
    public string Name { get; init; } = "";

    /// <summary>Whom it is for: tenants that are held take turns.</summary>
    [Id(5)]
    public string Tenant { get; init; } = "";

    /// <summary>The only worker that may get it, if it names one.</summary>
    [Id(6)]
    public WorkerId? Pinned { get; init; }

    /// <summary>What it wants otherwise than the router's options say.</summary>
    [Id(7)]
    public RouteOverrides? Overrides { get; init; }

    /// <summary>The session that it belongs to, if the client names one.</summary>
    [Id(8)]
    public string? Session { get; init; }

    /// <summary>Whether it has run and lost its worker: any other will do then.</summary>
    [Id(9)]
    public bool IsMove { get; init; }

    /// <summary>The numerics class of the worker that made its text so far, if any: another of the class is preferred; where none can get it, any will do.</summary>
    [Id(12)]
    public string? NumericsClass { get; init; }

    /// <summary>The worker where it runs already: it is counted there, and nothing is decided.</summary>
    [Id(10)]
    public WorkerId? RunsAt { get; init; }

    /// <summary>The span that asks, as W3C's Trace Context writes it (<c>traceparent</c>); <see langword="null"/>: it is not traced.</summary>
    [Id(13)]
    public string? TraceParent { get; init; }
}
