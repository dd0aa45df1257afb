using System.Diagnostics.CodeAnalysis;
using Dynamo.Protocol.Requests;
using Dynamo.Routing.Sessions;

namespace Dynamo.Routing.Workers;

/// <summary>The requests at workers, from the decision to their end. Not thread-safe.</summary>
internal sealed class BookingLedger(SessionTable? sessions)
{
    private readonly Dictionary<RequestId, Booking> _bookings = [];

    /// <summary>Requests at workers.</summary>
    public int Count => _bookings.Count;

    /// <summary>A request is at a worker.</summary>
    public void Add(Booking booking) => _bookings.Add(booking.Query.Request, booking);

    /// <summary>A request was heard of.</summary>
    /// <returns>Whether it is at a worker.</returns>
    public bool TryHear(RequestId id, double now, [NotNullWhen(true)] out Booking? booking)
    {
        if (_bookings.TryGetValue(id, out booking))
        {
            booking.LastHeard = now;
        }

        return booking is not null;
    }

    /// <summary>A request is over: its worker has less to do, and its session's idle time begins.</summary>
    /// <returns>Where it was, if anywhere.</returns>
    public WorkerEntry? End(RequestId id, double now)
    {
        if (!_bookings.Remove(id, out Booking? booking))
        {
            return null;
        }

        booking.Worker.Release(booking, now);
        if (booking.Query.SessionKey is { } session)
        {
            sessions?.Touch(session, now);
        }

        return booking.Worker;
    }

    /// <summary>Ends requests of which nothing was heard for longer than so many milliseconds.</summary>
    /// <param name="worker">Where; anywhere if <see langword="null"/>.</param>
    /// <param name="longest">Milliseconds.</param>
    /// <param name="now">The moment.</param>
    public void EndUnheard(WorkerEntry? worker, double longest, double now)
    {
        foreach (Booking booking in _bookings.Values.Where(booking => (worker is null || booking.Worker == worker) && now - booking.LastHeard > longest).ToArray())
        {
            End(booking.Query.Request, now);
        }
    }

    /// <summary>A worker is gone, and its requests with it. Their sessions' time runs on: whoever has the requests asks again.</summary>
    public void Drop(WorkerEntry worker, double now)
    {
        foreach (Booking booking in _bookings.Values.Where(booking => booking.Worker == worker).ToArray())
        {
            _bookings.Remove(booking.Query.Request);
            worker.Release(booking, now);
        }
    }
}
