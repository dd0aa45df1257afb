using Dynamo.Hosting;
using Dynamo.Protocol.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Persistence.Redis;
using Xunit;

namespace Dynamo.UnitTests.Cli.Roles;

public sealed class NodeLogFormatterTests
{
    private const string Own = "Dynamo.Cluster.Serving.Dispatcher";
    private const string Foreign = "Orleans.Runtime.Catalog";

    private readonly FakeTimeProvider _time = new();
    private readonly NodeLogFormatter _formatter;

    public NodeLogFormatterTests() => _formatter = new NodeLogFormatter(_time);

    [Theory]
    [InlineData(LogLevel.Trace, "trce")]
    [InlineData(LogLevel.Debug, "dbug")]
    [InlineData(LogLevel.Information, "info")]
    [InlineData(LogLevel.Warning, "warn")]
    [InlineData(LogLevel.Error, "fail")]
    [InlineData(LogLevel.Critical, "crit")]
    public void Message_IsOneLine(LogLevel level, string shown)
    {
        _time.Advance(TimeSpan.FromMilliseconds(3_723_004));

        Assert.Equal($"01:02:03.004 {shown}: {Own} one two{Environment.NewLine}", Write(Own, level, "one\r\ntwo"));
    }

    [Fact]
    public void OwnWarning_SaysWhatWentWrongAndNotWhere()
    {
        Exception fault = Thrown(new InvalidOperationException("outer", new TimeoutException("late\nby far")));

        Assert.Equal($"00:00:00.000 warn: {Own} lost (TimeoutException: late by far){Environment.NewLine}", Write(Own, LogLevel.Warning, "lost", fault));
    }

    // Processes that come and go: no silo with that grain yet, one of another version, Redis away, this silo stopped.
    [Fact]
    public void OwnWarningsAndNews_HaveNoStackTraceWhateverTheirCause()
    {
        Exception[] faults =
        [
            new ArgumentException("Could not find an implementation for interface m"), new WireFormatException("unknown kind"), new RedisStorageException("down"), new ObjectDisposedException("silo"),
        ];
        foreach (Exception fault in faults)
        {
            Assert.DoesNotContain("   at ", Write(Own, LogLevel.Warning, "lost", Thrown(fault)));
            Assert.DoesNotContain("   at ", Write(Own, LogLevel.Information, "lost", Thrown(fault)));
        }
    }

    [Theory]
    [InlineData(LogLevel.Error)]
    [InlineData(LogLevel.Critical)]
    public void OwnError_KeepsItsStackTrace_OnOneLine(LogLevel level)
    {
        string text = Write(Own, level, "lost", Thrown(new TimeoutException("late")));

        Assert.Contains($"lost System.TimeoutException: late    at {typeof(NodeLogFormatterTests).FullName}.{nameof(Thrown)}(", text);
        AssertOneLine(text);
    }

    [Fact]
    public void OwnMessages_AreAllSaid()
    {
        Write(Own, LogLevel.Warning, "lost", new TimeoutException("late"));

        Assert.Equal($"00:00:00.000 warn: {Own} lost (TimeoutException: late){Environment.NewLine}", Write(Own, LogLevel.Warning, "lost", new TimeoutException("late")));
    }

    [Fact]
    public void ForeignFaultThatIsExpected_IsSaidOnceInTenSeconds_WithTheNumberLeftOut()
    {
        string first = Write(Foreign, LogLevel.Error, "lost", Thrown(new TimeoutException("late")));
        Assert.Equal($"00:00:00.000 fail: {Foreign} lost (TimeoutException: late){Environment.NewLine}", first);
        Assert.Equal("", Write(Foreign, LogLevel.Error, "lost", new IOException("gone")));
        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.Equal("", Write(Foreign, LogLevel.Error, "lost", new TimeoutException("late")));
        _time.Advance(TimeSpan.FromTicks(1));

        string second = Write(Foreign, LogLevel.Error, "lost", new TimeoutException("late"));
        Assert.Equal($"00:00:10.000 fail: {Foreign} lost (TimeoutException: late) 2 more of these since this was last said.{Environment.NewLine}", second);
    }

    [Fact]
    public void ForeignFaultsOfOtherKinds_AreSaid()
    {
        Write(Foreign, LogLevel.Error, "lost", new TimeoutException("late"));

        Assert.NotEqual("", Write(Foreign, LogLevel.Error, "lost", new TimeoutException("late"), id: 2));
        Assert.NotEqual("", Write(Foreign, LogLevel.Warning, "lost", new TimeoutException("late")));
        Assert.NotEqual("", Write("Orleans.Runtime.Silo", LogLevel.Error, "lost", new TimeoutException("late")));
    }

    [Fact]
    public void ForeignDefect_IsSaidEachTimeWithItsStackTrace_OnOneLine()
    {
        for (int i = 0; i < 2; i++)
        {
            string text = Write(Foreign, LogLevel.Warning, "lost", Thrown(new NullReferenceException("a\nb")));

            Assert.Contains("System.NullReferenceException: a b    at ", text);
            AssertOneLine(text);
        }
    }

    // Orleans' storage says so while Redis is away, and wraps the cause only as text.
    [Fact]
    public void StorageThatCannotBeReached_IsNoDefect() =>
        Assert.DoesNotContain("   at ", Write(Foreign, LogLevel.Error, "lost", Thrown(new RedisStorageException("down"))));

    private static void AssertOneLine(string text) => Assert.Equal(text.Length - Environment.NewLine.Length, text.AsSpan().IndexOfAny('\r', '\n'));

    private string Write(string category, LogLevel level, string message, Exception? fault = null, int id = 1)
    {
        using StringWriter text = new();
        LogEntry<string> entry = new(level, category, new EventId(id), message, fault, static (state, _) => state);
        _formatter.Write(entry, null, text);
        return text.ToString();
    }

    private static Exception Thrown(Exception fault)
    {
        try
        {
            throw fault;
        }
        catch (Exception caught)
        {
            return caught;
        }
    }
}
