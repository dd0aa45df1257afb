using Dynamo.Abstractions.Serving;
using Orleans.Runtime.Services;

namespace Dynamo.Worker.Responses;

/// <summary>Delivers frames by a call to the frontend silo's service.</summary>
internal sealed class FrontendServiceClient(IServiceProvider services) : GrainServiceClient<IFrontendService>(services), IFrontendSender
{
    public Task<SequenceAttempt[]> DeliverAsync(SiloAddress frontend, WireMessage frame) => GetGrainService(frontend).DeliverAsync(frame);
}
