namespace Dynamo.Engine.Execution;

/// <summary>Steps one by one, for checks of a model that need no engine.</summary>
public static class ModelRunnerExtensions
{
    /// <summary>Launches a step and collects it; none may be in flight.</summary>
    /// <returns>As <see cref="IModelRunner.Collect"/> says.</returns>
    public static Span<float> Execute(this IModelRunner runner, StepBatch batch)
    {
        runner.Launch(batch);
        return runner.Collect();
    }
}
