using System.Reflection;

namespace Dynamo.ClusterTests.Support;

/// <summary>Stands in for an interface of which a test needs one or two methods.</summary>
internal class Stub : DispatchProxy
{
    private Func<MethodInfo, object?[], object?> _answer = null!;

    /// <summary>Makes one.</summary>
    /// <param name="answer">Answers every call.</param>
    public static T Of<T>(Func<MethodInfo, object?[], object?> answer)
        where T : class
    {
        T made = Create<T, Stub>();
        ((Stub)(object)made)._answer = answer;
        return made;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!, args ?? []);
}
