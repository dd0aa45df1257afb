using System.CommandLine;
using Dynamo.Cli.Input;

namespace Dynamo.Cli.Chat;

/// <summary><c>dynamo chat</c>: talks to a server over its OpenAI API and streams the answers.</summary>
internal static class ChatCommand
{
    public static Command Create()
    {
        Option<string> url = new("--url")
        {
            Description = "Address of the server.",
            DefaultValueFactory = _ => "http://127.0.0.1:8000",
        };
        Option<string?> model = new("--model") { Description = "Model to ask; the server's first one unless given." };
        Option<string?> system = new("--system") { Description = "System prompt." };
        Option<string?> message = new("--message", "-m") { Description = "Ask this one question and end, instead of reading questions from the terminal." };
        Option<double?> temperature = new("--temperature") { Description = "0 (always the most probable token) to 2; the server's default unless given." };
        Option<int?> maxTokens = new("--max-tokens") { Description = "Most tokens of an answer; what fits the model unless given." };
        Option<bool> timing = new("--timing") { Description = "After each answer, print time to first token and tokens per second." };
        Option<int> waitSeconds = new("--wait")
        {
            Description = "Seconds to wait until the server is ready.",
            DefaultValueFactory = _ => 5,
        };
        Option<int?> waitForPid = new("--wait-for-pid") { Description = "Wait until the server is ready as long as the process with this id lives." };
        Option<string?> apiKey = new("--api-key") { Description = "Sent as bearer token; OPENAI_API_KEY unless given." };

        Command command = new("chat", "Chat with a served model in the terminal.") { url, model, system, message, temperature, maxTokens, timing, waitSeconds, waitForPid, apiKey };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string address = parsed.GetRequiredValue(url);
            if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out Uri? baseAddress) || baseAddress.Scheme is not ("http" or "https"))
            {
                throw new CommandFault($"--url must be an http or https address, is '{address}'.");
            }

            using OpenAIChatClient client = new(baseAddress, parsed.GetValue(apiKey) ?? Environment.GetEnvironmentVariable("OPENAI_API_KEY"));
            ServerWait wait = new(client, parsed.GetValue(waitForPid), TimeSpan.FromSeconds(parsed.GetValue(waitSeconds)));
            await wait.UntilReadyAsync(cancellationToken);

            ChatSession session = new(client, Console.Out)
            {
                Model = parsed.GetValue(model) ?? await client.FirstModelAsync(cancellationToken),
                Temperature = parsed.GetValue(temperature),
                MaxTokens = parsed.GetValue(maxTokens),
                ShowTiming = parsed.GetValue(timing),
            };
            if (parsed.GetValue(system) is { } prompt)
            {
                session.AddSystemPrompt(prompt);
            }

            if (parsed.GetValue(message) is { } question)
            {
                await session.AskAsync(question, cancellationToken);
                return 0;
            }

            await session.RunAsync(Console.In, cancellationToken);
            return 0;
        });
        return command;
    }
}
