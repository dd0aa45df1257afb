using Dynamo.Frontend;
using Dynamo.Frontend.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class FrontendOptionsTests
{
    [Fact]
    public void AddFrontend_ValuesOutOfRange_NamesThemAll()
    {
        FrontendOptions options = new() { MaxRequestBodyBytes = 0, KeepAliveInterval = TimeSpan.Zero, MaxSequencesPerRequest = -1 };

        ArgumentException fault = Assert.Throws<ArgumentException>(() => new ServiceCollection().AddFrontend(options));

        Assert.Equal(
            "MaxRequestBodyBytes must be 1 to 1073741824, is 0. KeepAliveInterval must be above 0 and at most a day, is 00:00:00. "
            + "MaxSequencesPerRequest must be at least 1, is -1.",
            fault.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a,b")]
    [InlineData("schlüssel")]
    public void Keys_ThatNoHeaderCarriesAsTheyAre_AreRefusedAndNotRepeated(string key)
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(new FrontendOptions { ApiKeys = ["a-1", key], AdminKey = key }.Validate);

        Assert.Equal(
            "Each of ApiKeys must be printable ASCII characters without spaces and commas, at least one. "
            + "AdminKey must be printable ASCII characters without spaces and commas, at least one.",
            fault.Message);
    }

    [Fact]
    public void AdminKeyThatIsRequired_MustBeThere() =>
        Assert.Equal("RequireAdminKey needs an AdminKey.", Assert.Throws<ArgumentException>(new FrontendOptions { RequireAdminKey = true }.Validate).Message);

    [Fact]
    public void Defaults_AreInRange() => new FrontendOptions().Validate();
}
