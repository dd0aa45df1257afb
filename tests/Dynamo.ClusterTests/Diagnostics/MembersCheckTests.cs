using Dynamo.Abstractions.Instances;
using Dynamo.Diagnostics;
using Xunit;

namespace Dynamo.ClusterTests.Diagnostics;

public sealed class MembersCheckTests
{
    [Fact]
    public void Findings_EqualMembers_AreOk() =>
        Assert.Equal(
            [Finding.Ok("silo", "10.0.0.1:100", "Worker, version 1"), Finding.Ok("silo", "10.0.0.2:100", "Worker, version 1")],
            Findings(Samples.Member("10.0.0.1"), Samples.Member("10.0.0.2", clockSeconds: 0.9)));

    [Fact]
    public void Findings_MemberThatHangs_IsAFailure()
    {
        Finding finding = Assert.Single(Findings(new MemberDiagnosis { Silo = Samples.Silo("10.0.0.1"), Error = "no answer within 2 s" }));

        Assert.Equal((FindingStatus.Failure, "does not answer: no answer within 2 s"), (finding.Status, finding.Value));
    }

    [Theory]
    [InlineData(1.4, 1, null)]
    [InlineData(-2, 0.1, FindingStatus.Warning)]
    [InlineData(40, 0.1, FindingStatus.Failure)]
    public void Findings_ClockFurtherOffThanTheRoundTripExplains_IsNamed(double offset, double roundTrip, FindingStatus? expected) =>
        Assert.Equal(expected, Findings(Samples.Member("10.0.0.1", clockSeconds: offset, roundTripSeconds: roundTrip)).Bad().SingleOrDefault()?.Status);

    [Fact]
    public void Findings_TwoBuilds_AreNamedWithWhoRunsThem()
    {
        Finding finding = Assert.Single(Findings(Samples.Member("10.0.0.1"), Samples.Member("10.0.0.2", version: "2"), Samples.Member("10.0.0.3")).Bad());

        Assert.Equal("members run different builds: 1 on 10.0.0.1:100, 10.0.0.3:100; 2 on 10.0.0.2:100", finding.Value);
    }

    [Fact]
    public void Numerics_ClassesThatDiffer_AreAWarning()
    {
        Finding[] findings =
        [
            .. NumericsCheck.Findings(
            [
                Instance("a", "10.0.0.1", "bf16"), Instance("a", "10.0.0.2", "f32"), Instance("b", "10.0.0.1", "f32"), Instance("b", "10.0.0.3", "f32"),
                new InstanceDiagnosis("c", Samples.Silo("10.0.0.4"), InstanceState.Loading, null),
            ]),
        ];

        Assert.Equal(
            [
                "a: instances round differently: bf16 on 10.0.0.1:100; f32 on 10.0.0.2:100",
                "b: 2 ready, numerics f32",
                "c: no instance is ready: Loading on 10.0.0.4:100",
            ],
            findings.Select(static finding => $"{finding.Subject}: {finding.Value}"));
        Assert.Equal([FindingStatus.Warning, FindingStatus.Ok, FindingStatus.Warning], findings.Select(static finding => finding.Status));
    }

    [Fact]
    public void Numerics_ThatAreNotExact_AreAWarningThatSaysWhatMayDifferAndWhatToDo()
    {
        Finding[] findings =
        [
            .. NumericsCheck.Findings(
            [
                Instance("a", "10.0.0.1", "inexact-x"), Instance("a", "10.0.0.2", "inexact-x"),
                Instance("b", "10.0.0.1", "inexact-x"), Instance("b", "10.0.0.3", "y"),
            ]),
        ];

        Assert.Equal(
            [
                "a: instances are not exact: inexact-x on 10.0.0.1:100, 10.0.0.2:100",
                "b: instances are not exact: inexact-x on 10.0.0.1:100",
                "b: instances round differently: inexact-x on 10.0.0.1:100; y on 10.0.0.3:100",
            ],
            findings.Select(static finding => $"{finding.Subject}: {finding.Value}"));
        Assert.All(findings, static finding => Assert.Equal(FindingStatus.Warning, finding.Status));
        Assert.Contains("log-probabilities", findings[0].Advice);
        Assert.Contains("--dtype", findings[0].Advice);
    }

    private static InstanceDiagnosis Instance(string model, string address, string numerics) => new(model, Samples.Silo(address), InstanceState.Ready, numerics);

    private static IEnumerable<Finding> Findings(params MemberDiagnosis[] members) => MembersCheck.Findings(new ClusterDiagnosis { Members = members, Instances = [] });
}
