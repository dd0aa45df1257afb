namespace Dynamo.Cli.Input;

/// <summary>A fault that the user of a command can mend; its message is printed as one line and the exit code is 1.</summary>
public sealed class CommandFault(string message, Exception? innerException = null) : Exception(message, innerException);
