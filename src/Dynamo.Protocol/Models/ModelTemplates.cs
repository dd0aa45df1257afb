namespace Dynamo.Protocol.Models;

/// <summary>Where a model folder has files of chat templates, as transformers saves them: one by default, and others by name in a folder of their own.</summary>
public static class ModelTemplates
{
    /// <summary>The template that holds unless another is chosen.</summary>
    public const string DefaultFile = "chat_template.jinja";

    private const string Folder = "additional_chat_templates";
    private const string Extension = ".jinja";

    /// <summary>Most further templates that are read; published models have one or two.</summary>
    private const int MaxTemplates = 16;

    /// <summary>The folder's template files, the default one first.</summary>
    /// <exception cref="ModelFolderException">There are too many.</exception>
    public static IReadOnlyList<string> Files(ModelFolder folder)
    {
        IReadOnlyList<string> others = folder.List(Folder, Extension);
        return others.Count > MaxTemplates ? throw new ModelFolderException(Folder, null, $"has {others.Count} templates; at most {MaxTemplates} are read")
            : folder.Has(DefaultFile) ? [DefaultFile, .. others]
            : others;
    }

    /// <summary>The name of a further template: that of its file.</summary>
    public static string NameOf(string file) => file[(Folder.Length + 1)..^Extension.Length];
}
