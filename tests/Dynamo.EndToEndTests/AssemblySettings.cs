using Xunit;

// Each test starts processes that use every core; side by side they would only disturb each other's time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
