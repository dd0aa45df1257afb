namespace Dynamo.Abstractions;

/// <summary>Marks a grain interface that Orleans clients outside the cluster may call. All others are for silos.</summary>
[AttributeUsage(AttributeTargets.Interface, Inherited = false)]
public sealed class OpenToClientsAttribute : Attribute;
