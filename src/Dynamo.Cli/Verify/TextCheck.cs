using Dynamo.Protocol.Models;
namespace Dynamo.Cli.Verify;
internal sealed class TextCheck(ModelFolder folder, TextWriter output) { public const string File = "golden-text.json"; public bool Run() { output.WriteLine(folder.Path); return true; } }
