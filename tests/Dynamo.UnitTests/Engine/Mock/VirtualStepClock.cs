using Dynamo.Engine.Mock;

namespace Dynamo.UnitTests.Engine.Mock;

/// <summary>Time that passes only by waiting, and by <see cref="Advance"/>.</summary>
internal sealed class VirtualStepClock : IStepClock
{
    public TimeSpan Now { get; private set; }

    public int NumWaits { get; private set; }

    public void Advance(TimeSpan time) => Now += time;

    public void WaitUntil(TimeSpan due)
    {
        NumWaits++;
        Now = due > Now ? due : Now;
    }
}
