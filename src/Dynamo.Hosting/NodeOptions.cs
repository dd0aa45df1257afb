using System.Net;

namespace Dynamo.Hosting;

/// <summary>What a process is started as. Roles compose.</summary>
public sealed record NodeOptions
{
    /// <summary>Where HTTP is served; <see langword="null"/>: no frontend.</summary>
    public IPEndPoint? Http { get; init; }

    /// <summary>The frontend, where there is one.</summary>
    public DynamoFrontendOptions Frontend { get; init; } = new();

    /// <summary>Where a process without a frontend tells by HTTP how it is; <see langword="null"/>: nowhere.</summary>
    public IPEndPoint? System { get; init; }

    /// <summary>What is served here; <see langword="null"/>: no worker.</summary>
    public DynamoWorkerOptions? Worker { get; init; }

    /// <summary>Says what is wrong with an option in the words in which it was given.</summary>
    /// <value>By default as it is: by the option's name.</value>
    public Func<string, string> InOwnWords { get; init; } = static fault => fault;

    /// <summary>Whether there is a worker, without a look at it.</summary>
    internal bool IsWorker => Worker is not null;
}
