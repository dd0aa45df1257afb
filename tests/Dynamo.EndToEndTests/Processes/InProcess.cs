using System.Reflection;

namespace Dynamo.EndToEndTests.Processes;

/// <summary>
/// The <c>dynamo</c> program inside the test's process, for commands that end by themselves: what is judged is their output and exit code, and a process
/// of its own costs more than the command. Tests of this project run one after the other, so the console is one test's at a time.
/// </summary>
internal static class InProcess
{
    private static readonly MethodInfo Main = Assembly.Load("dynamo").EntryPoint!;

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using StringWriter written = new();
        using StringWriter complained = new();
        Console.SetOut(written);
        Console.SetError(complained);
        try
        {
            int exitCode = await Task.Run(() => (int)Main.Invoke(null, [arguments])!);
            return (exitCode, written.ToString(), complained.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
