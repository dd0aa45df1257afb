using System.Collections.Immutable;
using Dynamo.Routing.Configuration;

namespace Dynamo.Routing.Modes;

/// <summary>All modes by name. Thread-safe.</summary>
public static class RoutingModes
{
    private static ImmutableArray<(string Name, Func<RouterOptions, Random, RoutingMode> Create)> _known =
    [
        (RouterMode.KV, static (options, random) => new KVMode(options, random)),
        (RouterMode.RoundRobin, static (_, _) => new RoundRobinMode()),
        (RouterMode.Random, static (_, random) => new RandomMode(random)),
        (RouterMode.LeastLoaded, static (_, random) => new LeastLoadedMode(random)),
        (RouterMode.PowerOfTwo, static (_, random) => new PowerOfTwoMode(random)),
        (RouterMode.Direct, static (_, random) => new DirectMode(random)),
    ];

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Names => _known.Select(static mode => mode.Name);

    /// <summary>Adds one.</summary>
    /// <param name="name">What options call it; the first of a name counts.</param>
    /// <param name="create">Makes one for a router, with the router's chance.</param>
    internal static void Add(string name, Func<RouterOptions, Random, RoutingMode> create) =>
        ImmutableInterlocked.Update(ref _known, static (known, added) => known.Add(added), (name, create));

    /// <summary>Makes the one that options name.</summary>
    /// <exception cref="ArgumentException">There is none of the name.</exception>
    internal static RoutingMode Create(RouterOptions options, Random random) => _known.FirstOrDefault(mode => mode.Name == options.Mode).Create is { } create
        ? create(options, random)
        : throw new ArgumentException($"There is no routing mode '{options.Mode}'; there are {string.Join(", ", Names)}.", nameof(options));
}
