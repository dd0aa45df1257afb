using Dynamo.Engine.Scheduling;

namespace Dynamo.Engine.Loop;

/// <summary>What other threads ask of the engine thread.</summary>
/// <param name="Sequence">The sequence to add or to end.</param>
/// <param name="IsAbort">End it; it is no longer among the live ones.</param>
internal readonly record struct InboxItem(Sequence Sequence, bool IsAbort);
