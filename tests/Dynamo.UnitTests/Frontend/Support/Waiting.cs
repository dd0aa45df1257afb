namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>How long a test waits for something that must happen; only a failing test reaches it.</summary>
internal static class Waiting
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
}
