using System.CommandLine;
using System.Text.Json;
using Dynamo.Cli.Input;
using Dynamo.Frontend.Configuration;

namespace Dynamo.Cli.Roles;

/// <summary>Whom a frontend lets in: keys, and pages of other origins under vLLM's names. The command line wins over the environment.</summary>
internal sealed class AccessFlags(Func<string, string?> environment)
{
    private const string AdminKeyVariable = "DYN_ADMIN_KEY";
    private const string ApiKeyVariable = "DYN_API_KEY";
    private const string VllmApiKeyVariable = "VLLM_API_KEY";
    private const long MaxFileBytes = 1 << 20;

    private readonly Option<string[]> _apiKeys = new("--api-key")
    {
        Description = "Keys of which clients must send one as bearer token on all paths under /v1; nothing is asked for unless given. Others on this machine see the command line: "
            + $"the file or the environment keep a secret better. Environment: {ApiKeyVariable}, else {VllmApiKeyVariable}; several are separated by commas.",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _apiKeyFile = new("--api-key-file") { Description = "File with such keys, one a line; lines that begin with # are left out." };
    private readonly Option<string?> _adminKey = new("--admin-key")
    {
        Description = "Key for /admin, /busy_threshold, /reset_prefix_cache and /dashboard, as bearer token or as password in a browser. Without it they are open to this machine by its "
            + $"loopback address only, and not to what a proxy on it forwards. Environment: {AdminKeyVariable}.",
    };
    private readonly Option<bool> _requireAdminKey = new("--require-admin-key")
    {
        Description = "Ask for the admin key on this machine's loopback address too: for a proxy here that does not say for whom it asks (X-Forwarded-For).",
    };
    private readonly Option<string[]> _origins = List("--allowed-origins", "Origins whose pages may call the API from a browser, for example https://example.org; * for all, [] for none.");
    private readonly Option<string[]> _methods = List("--allowed-methods", "HTTP methods that they may use; * for all.");
    private readonly Option<string[]> _headers = List("--allowed-headers", "Request headers that they may send; * for all.");
    private readonly Option<bool> _credentials = new("--allow-credentials") { Description = "Let browsers send cookies along with calls from other origins." };

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All => [_apiKeys, _apiKeyFile, _adminKey, _requireAdminKey, _origins, _methods, _headers, _credentials];

    /// <summary>Reads and checks what was given.</summary>
    /// <exception cref="CommandFault">Some of it cannot be; the message lists every fault and no key.</exception>
    public FrontendOptions Read(ParseResult parsed)
    {
        List<string> faults = [];
        CrossOriginOptions crossOrigin = new()
        {
            Origins = Items(_origins, parsed, faults),
            Methods = Items(_methods, parsed, faults),
            Headers = Items(_headers, parsed, faults),
            AllowCredentials = parsed.GetValue(_credentials),
        };
        CheckOrigins(crossOrigin.Origins, faults);
        FrontendOptions options = new()
        {
            ApiKeys = ApiKeys(parsed, faults),
            AdminKey = AdminKey(parsed, faults),
            RequireAdminKey = parsed.GetValue(_requireAdminKey),
            CrossOrigin = crossOrigin,
        };
        if (options is { RequireAdminKey: true, AdminKey: null })
        {
            faults.Add($"{_requireAdminKey.Name} needs a key: give {_adminKey.Name} or {AdminKeyVariable}.");
        }

        return faults.Count == 0 ? options : throw new CommandFault(string.Join(" ", faults));
    }

    private static Option<string[]> List(string name, string description) => new(name)
    {
        Description = $"{description} Several words, separated by commas, or a JSON array.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [CrossOriginOptions.Any],
    };

    private static string[] Items(Option<string[]> option, ParseResult parsed, List<string> faults)
    {
        List<string> items = [];
        foreach (string value in parsed.GetRequiredValue(option))
        {
            if (!value.TrimStart().StartsWith('['))
            {
                items.AddRange(value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
                continue;
            }

            if (ParseArray(value) is { } parts)
            {
                items.AddRange(parts);
            }
            else
            {
                faults.Add($"{option.Name} must be words or a JSON array of strings, is '{value}'.");
            }
        }

        return [.. items];
    }

    private static string[]? ParseArray(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json) is { } items && !Array.Exists(items, static item => item is null) ? items : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A path or a final slash would match no browser's Origin, without a word.
    private void CheckOrigins(IReadOnlyList<string> origins, List<string> faults)
    {
        foreach (string origin in origins)
        {
            bool isOrigin = origin == CrossOriginOptions.Any
                || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Host.Length > 0 && !origin.EndsWith('/') && uri.PathAndQuery.Length <= 1 && uri.UserInfo.Length == 0);
            if (!isOrigin)
            {
                faults.Add($"{_origins.Name} takes origins such as https://example.org or http://localhost:3000 (scheme and host, no path), and *; one is '{origin}'.");
            }
        }
    }

    private string[] ApiKeys(ParseResult parsed, List<string> faults)
    {
        List<string> keys = [.. parsed.GetValue(_apiKeys) ?? []];
        CheckKeys(keys, _apiKeys.Name, faults);
        if (parsed.GetValue(_apiKeyFile) is { } path)
        {
            string[] more = KeysOfFile(path, faults);
            CheckKeys(more, $"the file '{path}' of {_apiKeyFile.Name}", faults);
            keys.AddRange(more);
        }
        else if (keys.Count == 0)
        {
            string variable = environment(ApiKeyVariable) is { Length: > 0 } ? ApiKeyVariable : VllmApiKeyVariable;
            keys.AddRange((environment(variable) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            CheckKeys(keys, variable, faults);
        }

        return [.. keys];
    }

    private string[] KeysOfFile(string path, List<string> faults)
    {
        try
        {
            if (new FileInfo(path).Length > MaxFileBytes)
            {
                faults.Add($"the file '{path}' of {_apiKeyFile.Name} is larger than {MaxFileBytes} bytes; it holds one key a line.");
                return [];
            }

            string[] keys = [.. File.ReadLines(path).Select(static line => line.Trim()).Where(static line => line.Length > 0 && line[0] != '#')];
            if (keys.Length == 0)
            {
                faults.Add($"the file '{path}' of {_apiKeyFile.Name} holds no key; it holds one a line.");
            }

            return keys;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{_apiKeyFile.Name} cannot be read: {e.Message}");
            return [];
        }
    }

    private string? AdminKey(ParseResult parsed, List<string> faults)
    {
        if (parsed.GetValue(_adminKey) is { } given)
        {
            CheckKeys([given], _adminKey.Name, faults);
            return given;
        }

        if (environment(AdminKeyVariable) is not { Length: > 0 } key)
        {
            return null;
        }

        CheckKeys([key], AdminKeyVariable, faults);
        return key;
    }

    // An empty one is a variable that was not set: to take it for "no key" would open what was meant to be closed.
    private static void CheckKeys(IReadOnlyCollection<string> keys, string source, List<string> faults)
    {
        if (keys.Any(static key => !FrontendOptions.IsKey(key)))
        {
            faults.Add($"{source}: a key must be printable ASCII characters without spaces and commas, at least one.");
        }
    }
}
