using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Models;
using Dynamo.Frontend.Requests;
using Dynamo.Frontend.Responses;
using Dynamo.Serving.Catalog;

namespace Dynamo.Frontend.Endpoints;

/// <summary>What differs between the APIs that generate: how a request is read and how an answer is shaped.</summary>
internal sealed record GenerationApi
{
    /// <summary><c>/v1/chat/completions</c>.</summary>
    public static GenerationApi Chat { get; } = new()
    {
        Name = "chat_completions",
        IdPrefix = ChatFormat.IdPrefix,
        Read = ChatRequestReader.Read,
        Format = static (plan, id, created) => new ChatFormat(plan, id, created),
    };

    /// <summary><c>/v1/completions</c>.</summary>
    public static GenerationApi Completions { get; } = new()
    {
        Name = "completions",
        IdPrefix = CompletionFormat.IdPrefix,
        Read = CompletionRequestReader.Read,
        Format = static (plan, id, created) => new CompletionFormat(plan, id, created),
    };

    /// <summary>Checks a request's body and turns it into a plan.</summary>
    public delegate GenerationPlan Reader(JsonFields body, ServedModel model, ModelText text, FrontendOptions options);

    /// <summary>Name, as metrics spell it.</summary>
    public required string Name { get; init; }

    /// <summary>What ids of responses begin with.</summary>
    public required string IdPrefix { get; init; }

    /// <summary>How a request is read.</summary>
    public required Reader Read { get; init; }

    /// <summary>How an answer is shaped.</summary>
    public required Func<GenerationPlan, string, DateTimeOffset, AnswerFormat> Format { get; init; }

    /// <summary>A fresh id of a response.</summary>
    public string NewId() => $"{IdPrefix}{Guid.NewGuid():N}";

    /// <summary>The API of this name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static GenerationApi Named(string name) =>
        name == Chat.Name ? Chat : name == Completions.Name ? Completions : throw new ArgumentException($"There is no API '{name}'.", nameof(name));
}
