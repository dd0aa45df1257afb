namespace Dynamo.Torch.Configuration;

/// <summary>Which layers have a sliding window.</summary>
internal enum WindowRule
{
    /// <summary>None; the field is not read.</summary>
    None,

    /// <summary>All, unless <c>sliding_window</c> is null.</summary>
    AllLayers,

    /// <summary>Those that <c>layer_types</c> names, else those from <c>max_window_layers</c> on, if <c>use_sliding_window</c>.</summary>
    ByLayer,
}
