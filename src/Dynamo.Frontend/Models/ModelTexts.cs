using System.Runtime.CompilerServices;
using Dynamo.Frontend.Errors;
using Dynamo.Protocol.Models;
using Dynamo.Serving.Catalog;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dynamo.Frontend.Models;

/// <summary>
/// The catalog's models with their tokenizers and templates. Each set of files is read once and its use rehearsed, beside everything else, as soon as
/// anybody looks at a catalog that has it; only requests for that model wait. A model whose files are broken answers with what is wrong with them.
/// Thread-safe.
/// </summary>
/// <param name="catalog">The models.</param>
/// <param name="rehearse">Makes a model's text side ready for its first request; never throws.</param>
/// <param name="time">What templates take for now.</param>
/// <param name="logger">Hears what is wrong with a model's files.</param>
internal sealed partial class ModelTexts(IModelCatalog catalog, Func<ServedModel, ModelText, Task> rehearse, TimeProvider time, ILogger<ModelTexts> logger)
{
    // Held by the files themselves, so that a model that leaves the catalog takes its tokenizer along.
    private readonly ConditionalWeakTable<ModelFolder, Lazy<Task<ModelText>>> _texts = [];
    private IReadOnlyList<ServedModel>? _seen;

    /// <summary>All models; begins to load those that are new.</summary>
    public IReadOnlyList<ServedModel> Models
    {
        get
        {
            IReadOnlyList<ServedModel> models = catalog.Models;
            if (!ReferenceEquals(Volatile.Read(ref _seen), models))
            {
                for (int i = 0; i < models.Count; i++)
                {
                    _ = LoadAsync(models[i]);
                }

                Volatile.Write(ref _seen, models);
            }

            return models;
        }
    }

    /// <summary>Finds a model by its name, or by another that its workers have; a model's own name wins.</summary>
    /// <returns><see langword="null"/> when there is none of that name.</returns>
    public ServedModel? Find(string name)
    {
        IReadOnlyList<ServedModel> models = Models;
        for (int i = 0; i < models.Count; i++)
        {
            if (models[i].Name == name)
            {
                return models[i];
            }
        }

        for (int i = 0; i < models.Count; i++)
        {
            if (models[i].Aliases.Names.Contains(name))
            {
                return models[i];
            }
        }

        return null;
    }

    /// <summary>The text side of a model; completed at once when it is loaded.</summary>
    /// <exception cref="ApiException">Its files are broken.</exception>
    public async ValueTask<ModelText> GetAsync(ServedModel model, CancellationToken cancellationToken)
    {
        Task<ModelText> loading = LoadAsync(model);
        if (loading.IsCompletedSuccessfully)
        {
            return loading.Result;
        }

        try
        {
            return await loading.WaitAsync(cancellationToken);
        }
        catch (ModelFolderException e)
        {
            string message = $"The model '{model.Name}' cannot be used: {e.Message}";
            throw new ApiException(StatusCodes.Status500InternalServerError, ApiException.ServerError, message, "model", "model_broken");
        }
    }

    /// <summary>Whether requests for a model need not wait for its files.</summary>
    public bool IsLoaded(ServedModel model) => LoadAsync(model).IsCompletedSuccessfully;

    /// <summary>What is wrong with a model's files, or <see langword="null"/> when nothing is known to be.</summary>
    public string? Fault(ServedModel model) => LoadAsync(model).Exception?.InnerException?.Message;

    private Task<ModelText> LoadAsync(ServedModel model) =>
        (_texts.TryGetValue(model.Files, out Lazy<Task<ModelText>>? known) ? known : Add(model)).Value;

    private Lazy<Task<ModelText>> Add(ServedModel model) =>
        _texts.GetValue(model.Files, _ => new Lazy<Task<ModelText>>(() => Task.Run(() => LoadAndRehearseAsync(model))));

    private async Task<ModelText> LoadAndRehearseAsync(ServedModel model)
    {
        ModelText text = Load(model);
        await rehearse(model, text);
        return text;
    }

    private ModelText Load(ServedModel model)
    {
        try
        {
            ModelText text = ModelText.Load(model, time);
            foreach (string warning in text.Defaults.Warnings)
            {
                LogWarning(logger, model.Name, warning);
            }

            return text;
        }
        catch (ModelFolderException e)
        {
            LogBroken(logger, model.Name, e.Message);
            throw;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogUnreadable(logger, model.Name, e);
            throw new ModelFolderException(model.Files.Path, null, "cannot be read; the server's log says why", e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Model {Model}: {Warning}")]
    private static partial void LogWarning(ILogger logger, string model, string warning);

    [LoggerMessage(LogLevel.Error, "Model {Model} cannot be used: {Fault}")]
    private static partial void LogBroken(ILogger logger, string model, string fault);

    [LoggerMessage(LogLevel.Error, "Model {Model} cannot be used")]
    private static partial void LogUnreadable(ILogger logger, string model, Exception exception);
}
