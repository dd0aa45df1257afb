using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using NATS.NKeys;

namespace Dynamo.ClusterTests.Cluster.Settings;

/// <summary>What <c>nsc</c> makes: an operator, an account that it signed and a user that the account signed, with the files of server and user.</summary>
internal sealed class NatsCredentials : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-nats-");

    public NatsCredentials()
    {
        using KeyPair operators = KeyPair.CreatePair(PrefixByte.Operator);
        using KeyPair account = KeyPair.CreatePair(PrefixByte.Account);
        using KeyPair user = KeyPair.CreatePair(PrefixByte.User);
        JsonNode unlimited = JsonNode.Parse("""{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1}""")!;
        string operatorToken = Token(operators, operators, new JsonObject { ["type"] = "operator", ["version"] = 2 });
        string accountToken = Token(operators, account, new JsonObject { ["type"] = "account", ["version"] = 2, ["limits"] = unlimited });
        string userToken = Token(account, user, new JsonObject { ["type"] = "user", ["version"] = 2, ["subs"] = -1, ["data"] = -1, ["payload"] = -1 });
        ServerFile = Write("server.conf", $"operator: {operatorToken}\nresolver: MEMORY\nresolver_preload: {{ {account.GetPublicKey()}: {accountToken} }}\n");
        UserFile = Write("user.creds", UserText(userToken, user));
        using KeyPair stranger = KeyPair.CreatePair(PrefixByte.User);
        StrangerFile = Write("stranger.creds", UserText(Token(stranger, stranger, new JsonObject { ["type"] = "user", ["version"] = 2 }), stranger));
    }

    public string ServerFile { get; }

    public string UserFile { get; }

    /// <summary>Of a user whom the account has not signed.</summary>
    public string StrangerFile { get; }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string UserText(string token, KeyPair user) =>
        $"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n{user.GetSeed()}\n------END USER NKEY SEED------\n";

    private static string Token(KeyPair issuer, KeyPair subject, JsonObject claims)
    {
        JsonObject header = new() { ["typ"] = "JWT", ["alg"] = "ed25519-nkey" };
        JsonObject body = new() { ["jti"] = "1", ["iat"] = 1, ["iss"] = issuer.GetPublicKey(), ["name"] = "test", ["sub"] = subject.GetPublicKey(), ["nats"] = claims };
        string text = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(body.ToJsonString()))}";
        byte[] signature = new byte[64];
        issuer.Sign(Encoding.UTF8.GetBytes(text), signature);
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    private string Write(string name, string text)
    {
        string file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }
}
