using System.Globalization;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>What filters call an attribute: a dotted path of names and numbers, or one number.</summary>
/// <param name="attribute">A string or an integer.</param>
/// <param name="defaultValue">Stands for what is not there; <see langword="null"/> for none.</param>
internal sealed class ItemPath(object? attribute, object? defaultValue = null)
{
    private readonly object[] _parts = attribute switch
    {
        string path => [.. path.Split('.').Select(static part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long index) ? (object)index : part)],
        Markup markup => [markup.Text],
        long index => [index],
        _ => throw new TemplateException($"an attribute must be a string or an integer, not a {PythonText.TypeName(attribute)}"),
    };

    /// <summary>Several paths with commas between; none for None.</summary>
    public static ItemPath[] Several(object? attribute) => attribute switch
    {
        null => [],
        string paths => Array.ConvertAll(paths.Split(','), static path => new ItemPath(path)),
        _ => [new ItemPath(attribute)],
    };

    /// <summary>Follows the path from an item.</summary>
    public object? Get(object? item)
    {
        foreach (object part in _parts)
        {
            item = Members.Item(item, part);
            if (item is Undefined && defaultValue is not null)
            {
                item = defaultValue;
            }
        }

        return item;
    }
}
