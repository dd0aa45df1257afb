using System.CommandLine;
using Dynamo.Cli.Input;
using Dynamo.Engine.Configuration;
using Dynamo.Protocol.Models;

namespace Dynamo.Cli.Verify;

/// <summary><c>dynamo verify</c>: checks a model folder against the reference answers that lie in it.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        Argument<string> path = new("folder") { Description = $"Model or tokenizer folder with {GoldenFile.Name}, {TextCheck.File} or both in {ReferenceFiles.Folder}/ or beside the weights." };
        Option<string> dtype = new("--dtype")
        {
            Description = "float32 or bfloat16; the checkpoint's unless given.",
            DefaultValueFactory = _ => "auto",
        };
        dtype.AcceptOnlyFromAmong("auto", "float32", "bfloat16");
        Option<double?> maxError = new("--max-error") { Description = "Largest relative L2 error of a prompt's logits; 1e-5 in float32 and 5e-2 in bfloat16 unless given." };

        Command command = new("verify", "Check a model against its reference's own answers.") { path, dtype, maxError };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string folderPath = parsed.GetRequiredValue(path);
            if (!Directory.Exists(folderPath))
            {
                throw new CommandFault($"there is no folder {folderPath}.");
            }

            if (parsed.GetValue(maxError) is { } bound && !(bound > 0))
            {
                throw new CommandFault($"--max-error must be above 0, is {bound}.");
            }

            ModelFolder folder = new(folderPath);
            bool hasLogits = folder.Has(ReferenceFiles.Find(folder, GoldenFile.Name));
            bool hasText = folder.Has(ReferenceFiles.Find(folder, TextCheck.File));
            if (!hasLogits && !hasText)
            {
                throw new ModelFolderException(GoldenFile.Name, null, $"is not in {folderPath} or its {ReferenceFiles.Folder}, and neither is {TextCheck.File}; there is nothing to compare with");
            }

            bool good = true;
            if (hasText)
            {
                good &= new TextCheck(folder, Console.Out).Run();
            }

            if (hasLogits)
            {
                good &= await CheckModelAsync(folder, parsed.GetRequiredValue(dtype), parsed.GetValue(maxError), cancellationToken);
            }

            Console.Out.WriteLine(good ? "all within bounds" : "NOT within bounds");
            return good ? 0 : 1;
        });
        return command;
    }

    private static async Task<bool> CheckModelAsync(ModelFolder folder, string dtype, double? maxError, CancellationToken cancellationToken)
    {
        try
        {
            return await new ModelCheck(folder, dtype, maxError, Console.Out).RunAsync(cancellationToken);
        }
        catch (Exception e) when (e is OutOfMemoryException or NotSupportedException or EngineStartException)
        {
            // This machine cannot run the model; the message says what it lacks.
            throw new CommandFault(e.Message, e);
        }
    }
}
