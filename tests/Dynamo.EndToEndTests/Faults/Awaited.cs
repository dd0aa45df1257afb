namespace Dynamo.EndToEndTests.Faults;

/// <summary>What the faults need of the product and is not in it yet: the reason why a test is skipped, or <see langword="null"/>.</summary>
internal static class Awaited
{
    public const string? Migration = "requests do not move between workers yet";
    public const string? Resume = "GET /v1/streams/{id} is not there yet";
    public const string? Drain = "workers do not drain yet";
    public const string? Outages = "a worker that is gone while Redis is away is not noticed yet";
    public const string? EmptyStore = "a Redis that comes back empty is not refused yet";
}
