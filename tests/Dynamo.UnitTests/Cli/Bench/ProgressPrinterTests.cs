using Dynamo.Cli.Bench;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.UnitTests.Cli.Bench;

public sealed class ProgressPrinterTests
{
    [Fact]
    public void EachInterval_IsALineUntilTheEnd()
    {
        FakeTimeProvider time = new();
        StringWriter log = new() { NewLine = "\n" };
        int numEnded = 0;
        ProgressPrinter printer = new(log, () => (numEnded += 5, 1), time);
        time.Advance(ProgressPrinter.Interval / 2);
        Assert.Equal("", log.ToString());
        time.Advance(ProgressPrinter.Interval * 2);
        printer.Dispose();
        time.Advance(ProgressPrinter.Interval);

        Assert.Equal("dynamo: 5 requests have ended, 1 of them failed\ndynamo: 10 requests have ended, 1 of them failed\n", log.ToString());
    }
}
