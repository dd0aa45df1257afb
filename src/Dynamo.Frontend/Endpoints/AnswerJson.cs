using System.Text.Json.Serialization;

namespace Dynamo.Frontend.Endpoints;

/// <summary>
/// The answers that are not made of tokens, each beside the endpoint that gives it: names as here but in snake_case, in this order; what a client may not find
/// says so. Answers of tokens are written by hand, for each token.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LiveAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(LoadAnswer))]
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(ModelListAnswer))]
[JsonSerializable(typeof(WorkersAnswer))]
[JsonSerializable(typeof(DrainAnswer))]
[JsonSerializable(typeof(ThresholdsAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;
