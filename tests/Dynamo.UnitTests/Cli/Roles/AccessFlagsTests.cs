using System.CommandLine;
using Dynamo.Cli.Input;
using Dynamo.Cli.Roles;
using Dynamo.Frontend.Configuration;
using Xunit;

namespace Dynamo.UnitTests.Cli.Roles;

public sealed class AccessFlagsTests : IDisposable
{
    private readonly Dictionary<string, string> _environment = [];
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void NothingGiven_AsksForNothingAndLetsAllPagesIn()
    {
        FrontendOptions options = Read();

        Assert.Empty(options.ApiKeys);
        Assert.Null(options.AdminKey);
        Assert.All([options.CrossOrigin.Origins, options.CrossOrigin.Methods, options.CrossOrigin.Headers], static all => Assert.Equal(["*"], all));
        Assert.False(options.CrossOrigin.AllowCredentials);
    }

    [Theory]
    [InlineData("--api-key a-1 b-2", "a-1 b-2")]
    [InlineData("--api-key a-1 --api-key b-2", "a-1 b-2")]
    [InlineData("--api-key-file FILE", "f-3 f-4")]
    [InlineData("--api-key a-1 --api-key-file FILE", "a-1 f-3 f-4")]
    [InlineData("", "e-5 e-6", "DYN_API_KEY")]
    [InlineData("", "e-5 e-6", "VLLM_API_KEY")]
    [InlineData("--api-key a-1", "a-1", "DYN_API_KEY")]
    public void ApiKeys_ComeFromFlagsAndFileElseTheEnvironment(string flags, string keys, string variable = "NONE")
    {
        File.WriteAllText(_file, "# of the chat team\nf-3\n\n  f-4\r\n");
        _environment[variable] = "e-5, e-6";

        Assert.Equal(keys.Split(' '), Read(flags).ApiKeys);
    }

    [Fact]
    public void OwnVariable_WinsOverVllms()
    {
        _environment["DYN_API_KEY"] = "e-5";
        _environment["VLLM_API_KEY"] = "v-6";

        Assert.Equal(["e-5"], Read().ApiKeys);
    }

    [Fact]
    public void EmptyVariables_AreNone()
    {
        _environment["DYN_API_KEY"] = "";
        _environment["DYN_ADMIN_KEY"] = "";

        Assert.Empty(Read().ApiKeys);
        Assert.Null(Read().AdminKey);
    }

    [Fact]
    public void AdminKey_OfTheCommandLineWins()
    {
        _environment["DYN_ADMIN_KEY"] = "e-5";

        Assert.Equal("e-5", Read().AdminKey);
        Assert.Equal("a-1", Read("--admin-key a-1").AdminKey);
        Assert.True(Read("--require-admin-key").RequireAdminKey);
    }

    [Theory]
    [InlineData("--allowed-origins http://a.example,https://b.example:8443", "http://a.example https://b.example:8443")]
    [InlineData("--allowed-origins http://a.example https://b.example", "http://a.example https://b.example")]
    [InlineData("--allowed-origins [\"http://a.example\",\"*\"]", "http://a.example *")]
    [InlineData("--allowed-origins []", "")]
    public void Origins_AreWordsOrVllmsArrays(string flags, string origins) =>
        Assert.Equal(origins.Split(' ', StringSplitOptions.RemoveEmptyEntries), Read(flags).CrossOrigin.Origins);

    [Theory]
    [InlineData("--api-key EMPTY", "--api-key: a key must be printable ASCII")]
    [InlineData("--admin-key EMPTY", "--admin-key: a key must be printable ASCII")]
    [InlineData("--api-key-file FILE", "holds no key")]
    [InlineData("--api-key-file /no/such/file", "--api-key-file cannot be read")]
    [InlineData("--require-admin-key", "--require-admin-key needs a key: give --admin-key or DYN_ADMIN_KEY.")]
    [InlineData("--allowed-origins http://a.example/", "one is 'http://a.example/'")]
    [InlineData("--allowed-origins a.example", "one is 'a.example'")]
    [InlineData("--allowed-origins [1]", "--allowed-origins must be words or a JSON array of strings, is '[1]'.")]
    [InlineData("--allowed-headers [null]", "--allowed-headers must be words or a JSON array of strings, is '[null]'.")]
    public void WhatCannotBe_IsSaid(string flags, string fault) =>
        Assert.Contains(fault, Assert.Throws<CommandFault>(() => Read(flags)).Message, StringComparison.Ordinal);

    [Fact]
    public void BadKeyOfTheEnvironment_NamesTheVariableAndNotTheKey()
    {
        _environment["DYN_API_KEY"] = "schlüssel";

        string fault = Assert.Throws<CommandFault>(() => Read()).Message;

        Assert.StartsWith("DYN_API_KEY: ", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("schl", fault, StringComparison.Ordinal);
    }

    private FrontendOptions Read(string flags = "")
    {
        AccessFlags sut = new(_environment.GetValueOrDefault);
        Command command = new("frontend");
        foreach (Option option in sut.All)
        {
            command.Add(option);
        }

        IEnumerable<string> words = flags.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return sut.Read(command.Parse([.. words.Select(word => word == "FILE" ? _file : word == "EMPTY" ? "" : word)]));
    }
}
