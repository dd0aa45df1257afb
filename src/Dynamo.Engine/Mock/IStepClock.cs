namespace Dynamo.Engine.Mock;

/// <summary>The time in which simulated steps pass: real, or a test's.</summary>
public interface IStepClock
{
    /// <summary>Time since a fixed moment; never goes back.</summary>
    TimeSpan Now { get; }

    /// <summary>Returns once <see cref="Now"/> has reached <paramref name="due"/>; at once when it has already.</summary>
    void WaitUntil(TimeSpan due);
}
