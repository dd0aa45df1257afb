using Dynamo.Diagnostics;
using Xunit;

namespace Dynamo.ClusterTests.Diagnostics;

public sealed class RedisCheckTests
{
    [Fact]
    public void Findings_OfASafeServer_AreOneLine()
    {
        Finding finding = Assert.Single(Findings(Reading()));

        Assert.Equal(Finding.Ok("redis", "10.0.0.1:6379", "Redis 7.0.15, master, answers in 0.5 ms"), finding);
    }

    [Theory]
    [InlineData("aof_enabled=0", FindingStatus.Warning, "append-only file is off", "redis-cli -h 10.0.0.1 -p 6379 config set appendonly yes;")]
    [InlineData("aof_last_write_status=err", FindingStatus.Failure, "the last write to its append-only file ended with 'err'", "free disk space")]
    [InlineData("maxmemory=1000 maxmemory_policy=allkeys-lru", FindingStatus.Warning, "may throw out the membership table", "redis-cli -h 10.0.0.1 -p 6379 config set maxmemory-policy noeviction")]
    [InlineData("loading=1", FindingStatus.Warning, "is still loading its data", "wait")]
    public void Findings_NameWhatEndangersTheTable(string info, FindingStatus status, string value, string advice)
    {
        Finding finding = Assert.Single(Findings(Reading(info)).Bad());

        Assert.Equal(status, finding.Status);
        Assert.StartsWith(value, finding.Value);
        Assert.StartsWith(advice, finding.Advice);
    }

    [Fact]
    public void Findings_TableThatExpires_IsAFailureWithTheCommandThatMendsIt()
    {
        Finding finding = Assert.Single(Findings(Reading() with { TableExpiry = TimeSpan.FromSeconds(30) }).Bad());

        Assert.Equal(Finding.Fail("redis", "dynamo/members/dynamo", "the membership table expires in 30 s", "redis-cli -h 10.0.0.1 -p 6379 persist dynamo/members/dynamo"), finding);
    }

    [Fact]
    public void Findings_ClockOfAnotherTimeAndSlowAnswers_AreWarnings()
    {
        Finding[] findings = Findings(Reading() with { ClockOffset = TimeSpan.FromSeconds(-3), Latency = TimeSpan.FromMilliseconds(80) }).Bad();

        Assert.Equal(["answers only after 80.0 ms", "Redis' clock is 3.0 s behind this host's"], findings.Select(static finding => finding.Value));
    }

    private static IEnumerable<Finding> Findings(RedisReading reading) => RedisCheck.Findings("10.0.0.1", 6379, MembershipRow.TableKey("dynamo"), reading);

    private static RedisReading Reading(string info = "")
    {
        Dictionary<string, string> fields = new()
        {
            ["redis_version"] = "7.0.15",
            ["role"] = "master",
            ["aof_enabled"] = "1",
            ["aof_last_write_status"] = "ok",
            ["maxmemory"] = "0",
            ["loading"] = "0",
        };
        foreach (string field in info.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            fields[field[..field.IndexOf('=')]] = field[(field.IndexOf('=') + 1)..];
        }

        return new RedisReading
        {
            Info = fields,
            Latency = TimeSpan.FromMilliseconds(0.5),
            Time = Samples.Now,
            ClockOffset = TimeSpan.Zero,
            TableExpiry = null,
            Rows = [],
            UnreadableRows = [],
        };
    }
}
