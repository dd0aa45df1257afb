namespace Dynamo.Simulation.Serving;

/// <summary>What workers and frontends tell a router, which hears it later, in order.</summary>
/// <param name="delay">How much later, in milliseconds; 0: at once.</param>
internal sealed class News(double delay)
{
    private readonly double _delay = delay;
    private readonly Queue<(double Due, Action<double> Tell)> _underWay = [];

    /// <summary>Whether anything is ever under way.</summary>
    public bool IsLate => _delay > 0;

    /// <summary>When the next is heard; infinite if none is under way.</summary>
    public double NextMoment => _underWay.TryPeek(out (double Due, Action<double> Tell) next) ? next.Due : double.PositiveInfinity;

    /// <summary>Sends news that are late.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="tell">Tells the router, given the moment at which it hears.</param>
    public void Send(double now, Action<double> tell) => _underWay.Enqueue((now + _delay, tell));

    /// <summary>Tells what has arrived by a moment.</summary>
    public void Deliver(double now)
    {
        while (_underWay.TryPeek(out (double Due, Action<double> Tell) next) && next.Due <= now)
        {
            _underWay.Dequeue();
            next.Tell(next.Due);
        }
    }
}
