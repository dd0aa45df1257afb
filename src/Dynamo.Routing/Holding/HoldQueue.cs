using Dynamo.Protocol.Requests;

namespace Dynamo.Routing.Holding;

/// <summary>
/// Requests that wait at the router, by tenant and age. Tenants take turns into the window of those that are compared, and what a tenant got
/// from here is counted, so that one with many requests cannot keep the others waiting. Not thread-safe.
/// </summary>
internal sealed class HoldQueue
{
    private readonly List<Line> _lines = [];
    private readonly Dictionary<RequestId, LinkedListNode<HeldRequest>> _byId = [];
    private readonly List<LinkedListNode<HeldRequest>?> _cursors = [];

    public int Count => _byId.Count;

    /// <summary>When the one that waits longest came; infinity when nobody waits.</summary>
    public double OldestSince
    {
        get
        {
            double oldest = double.PositiveInfinity;
            foreach (Line line in _lines)
            {
                oldest = Math.Min(oldest, line.Requests.First!.Value.Since);
            }

            return oldest;
        }
    }

    public IEnumerable<HeldRequest> All() => _lines.SelectMany(static line => line.Requests);

    public void Add(HeldRequest held)
    {
        Line? line = FindLine(held.Query.Tenant);
        if (line is null)
        {
            // Neither credit for the time without requests nor a debt from before.
            line = new Line(held.Query.Tenant) { Served = LeastServed() };
            _lines.Add(line);
        }

        _byId.Add(held.Query.Request, line.Requests.AddLast(held));
    }

    public bool Remove(RequestId id)
    {
        if (!_byId.Remove(id, out LinkedListNode<HeldRequest>? node))
        {
            return false;
        }

        Line line = FindLine(node.Value.Query.Tenant)!;
        line.Requests.Remove(node);
        if (line.Requests.Count == 0)
        {
            _lines.Remove(line);
        }

        return true;
    }

    /// <summary>Removes a request because it is sent.</summary>
    /// <param name="held">The request.</param>
    /// <param name="work">Milliseconds that it takes.</param>
    public void Send(HeldRequest held, double work)
    {
        FindLine(held.Query.Tenant)!.Served += work;
        Remove(held.Query.Request);
    }

    /// <summary>Milliseconds of work that a request's tenant got from here beyond the tenant that got least.</summary>
    public double Ahead(HeldRequest held) => _lines.Count == 1 ? 0 : FindLine(held.Query.Tenant)!.Served - LeastServed();

    /// <summary>Fills the window: each tenant's oldest, then each tenant's next, and so on.</summary>
    public void Window(List<HeldRequest> window, int most)
    {
        window.Clear();
        _cursors.Clear();
        foreach (Line line in _lines)
        {
            _cursors.Add(line.Requests.First);
        }

        bool any = true;
        while (any)
        {
            any = false;
            for (int i = 0; i < _cursors.Count; i++)
            {
                if (_cursors[i] is { } node)
                {
                    if (window.Count == most)
                    {
                        return;
                    }

                    window.Add(node.Value);
                    _cursors[i] = node.Next;
                    any = true;
                }
            }
        }
    }

    private Line? FindLine(string tenant)
    {
        foreach (Line line in _lines)
        {
            if (line.Tenant == tenant)
            {
                return line;
            }
        }

        return null;
    }

    private double LeastServed()
    {
        double least = _lines.Count == 0 ? 0 : double.PositiveInfinity;
        foreach (Line line in _lines)
        {
            least = Math.Min(least, line.Served);
        }

        return least;
    }

    private sealed class Line(string tenant)
    {
        public string Tenant { get; } = tenant;

        public LinkedList<HeldRequest> Requests { get; } = [];

        public double Served { get; set; }
    }
}
