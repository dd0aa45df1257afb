using System.CommandLine;
using Dynamo.Cli.Input;
using Dynamo.Cli.Routing;
using Dynamo.Routing.Configuration;
using Xunit;

namespace Dynamo.UnitTests.Cli.Routing;

public sealed class LiveRouterFlagsTests
{
    [Fact]
    public void Limits_OfWhatIsHeld_AreRead()
    {
        RouterOptions options = Read("--router-max-held 5 --router-max-held-secs 2");

        Assert.Equal((5, 2000.0), (options.Hold!.MaxHeld, options.Hold.MaxHeldMilliseconds));
    }

    [Fact]
    public void ParametersOfDynamosCost_AreRead() =>
        Assert.Equal(16, Read("--router-cost dynamo --router-prefill-load-scale 16").Dynamo.PrefillLoadScale);

    [Theory]
    [InlineData("--router-cost dynamo --router-max-held 5", "--router-max-held needs --router-mode kv with --router-hold true: else the router holds nothing.")]
    [InlineData("--router-mode random --router-max-held-secs 5", "--router-max-held-secs needs --router-mode kv with --router-hold true: else the router holds nothing.")]
    [InlineData("--router-prefill-load-scale 16", "--router-prefill-load-scale is a parameter of Dynamo's cost: it needs --router-cost dynamo.")]
    public void FlagWithoutEffect_IsRefused(string flags, string fault) => Assert.Equal(fault, Assert.Throws<CommandFault>(() => Read(flags)).Message);

    private static RouterOptions Read(string flags)
    {
        LiveRouterFlags sut = new();
        Command command = new("frontend");
        foreach (Option option in sut.All)
        {
            command.Add(option);
        }

        return sut.Read(command.Parse(flags.Split(' ')));
    }
}
