using System.Text.Json;
using Dynamo.Protocol.Models;
namespace Dynamo.Cli.Verify;
internal static class RenderCheck { public static bool Run(ModelFolder folder, JsonDocument golden, Func<string, JsonDocument, Func<JsonElement, string?>, bool> count) => folder is not null && golden is not null && count is not null; }
