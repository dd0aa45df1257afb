using System.CommandLine;
namespace Dynamo.Cli.Serve;
internal static class ServeCommand { public static Command Create() => new("serve"); }
