namespace Dynamo.Abstractions.Instances;

/// <summary>Reads the names of numerics classes: workers of one class compute the same bits if the class is exact.</summary>
public static class Exactness
{
    /// <summary>What may differ at an instance whose numerics class is not exact.</summary>
    public const string WhenInexact = "the same request may get other log-probabilities, and at times other words, alone than among others, after a prefix hit and after a move";

    /// <summary>What may differ between instances of different numerics classes.</summary>
    public const string WhenDifferent = "a request that moves from one to the other, or is asked again, may get other log-probabilities, and at times other words";

    private const string Inexact = "inexact";

    /// <summary>Whether a class promises that a sequence's logits are the same bits alone or among others; not when a worker's start-up self-test failed.</summary>
    public static bool IsPromisedBy(string numericsClass) => !numericsClass.StartsWith(Inexact, StringComparison.Ordinal);

    /// <summary>Whether a text that a worker of one class began is the same when one of another goes on with it.</summary>
    public static bool IsKept(string from, string to) => from == to && IsPromisedBy(to);
}
