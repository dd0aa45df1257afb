namespace Dynamo.Benchmarks.Serving;

/// <summary>A start of a frontend and a mocker, both at once.</summary>
/// <param name="HealthySeconds">From the start of the processes until /health was 200.</param>
/// <param name="AnsweredSeconds">And until the first answer was whole, which was asked for then.</param>
/// <param name="FirstTtft">From the first request to its first token, ms.</param>
/// <param name="SecondTtft">From the second one to its first, ms.</param>
/// <param name="Frontend">CPU seconds of the frontend until the first answer.</param>
/// <param name="Worker">CPU seconds of the mocker until then.</param>
/// <param name="FrontendMemory">Memory of the frontend after both.</param>
/// <param name="WorkerMemory">Memory of the mocker.</param>
internal sealed record StartSample(
    double HealthySeconds,
    double AnsweredSeconds,
    double FirstTtft,
    double SecondTtft,
    double Frontend,
    double Worker,
    ProcessMemory FrontendMemory,
    ProcessMemory WorkerMemory);
