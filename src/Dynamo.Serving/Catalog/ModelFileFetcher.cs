using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Models;

namespace Dynamo.Serving.Catalog;

/// <summary>Brings a model's text files from a worker into this frontend's memory, in parts that hold up no other message.</summary>
internal static class ModelFileFetcher
{
    /// <summary>Fetches all of them.</summary>
    /// <exception cref="InvalidDataException">A file changed while it was read.</exception>
    public static async Task<ModelFolder> FetchAsync(string model, IModelInstanceGrain instance)
    {
        Dictionary<string, byte[]> files = new(StringComparer.Ordinal);
        foreach (ModelFileEntry entry in await instance.ListFilesAsync())
        {
            files.Add(entry.Name, await FetchAsync(entry, instance));
        }

        return new ModelFolder(model, files);
    }

    private static async Task<byte[]> FetchAsync(ModelFileEntry entry, IModelInstanceGrain instance)
    {
        byte[] content = new byte[entry.Length];
        int offset = 0;
        while (offset < content.Length)
        {
            WireMessage chunk = await instance.ReadFileAsync(entry.Name, offset);
            if (chunk.Bytes.Length == 0 || chunk.Bytes.Length > content.Length - offset)
            {
                throw new InvalidDataException($"{entry.Name} of the worker's model folder changed while it was read.");
            }

            chunk.Bytes.CopyTo(content, offset);
            offset += chunk.Bytes.Length;
        }

        return content;
    }
}
