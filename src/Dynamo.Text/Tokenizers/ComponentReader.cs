using System.Text;
using System.Text.Json;

namespace Dynamo.Text.Tokenizers;

/// <summary>Builds normalizers, pre-tokenizers and post-processors. A component or setting that is not known is an error that names it.</summary>
internal static class ComponentReader
{
    private const int MaxTokensAround = 1000;

    private const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public static Normalizer Normalizer(JsonFields? component)
    {
        if (component is not { } fields)
        {
            return Normalizers.None;
        }

        string type = fields.RequiredText("type");
        return type switch
        {
            "Sequence" => Normalizers.Sequence([.. fields.Objects("normalizers").Select(step => Normalizer(step))]),
            "NFC" => Normalizers.Form(NormalizationForm.FormC),
            "NFD" => Normalizers.Form(NormalizationForm.FormD),
            "NFKC" => Normalizers.Form(NormalizationForm.FormKC),
            "NFKD" => Normalizers.Form(NormalizationForm.FormKD),
            "Lowercase" => Normalizers.Lowercase,
            "Prepend" => Normalizers.Prepend(fields.RequiredText("prepend")),
            "Replace" => Normalizers.Replace(Pattern(fields), fields.RequiredText("content")),
            "Strip" => Normalizers.Strip(fields.Flag("strip_left", true), fields.Flag("strip_right", true)),
            _ => throw Unknown(fields, type, "Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace and Strip"),
        };
    }

    /// <summary>Builds the pre-tokenizer of a byte-level model.</summary>
    public static IPreTokenizer ByteLevelPreTokenizer(JsonFields? component)
    {
        const string hint = "only byte-level vocabularies are supported: the pre-tokenizer must be ByteLevel or a Sequence that ends with it";
        if (component is not { } fields)
        {
            throw TokenizerFile.Fault("pre_tokenizer", $"is missing; {hint}");
        }

        string type = fields.RequiredText("type");
        if (type == "ByteLevel")
        {
            return ByteLevel(fields);
        }

        if (type != "Sequence")
        {
            throw TokenizerFile.Fault(fields.PathOf("type"), $"is {type}; {hint}");
        }

        JsonFields[] steps = [.. fields.Objects("pretokenizers")];
        if (steps.Length == 0 || steps[^1].RequiredText("type") != "ByteLevel")
        {
            throw TokenizerFile.Fault(fields.PathOf("pretokenizers"), hint);
        }

        return new SequencePreTokenizer([.. steps[..^1].Select(PreTokenizer), ByteLevel(steps[^1])]);
    }

    /// <summary>Reads which tokens go before and behind a text.</summary>
    public static (IReadOnlyList<int> Before, IReadOnlyList<int> After) PostProcessor(JsonFields? component)
    {
        if (component is not { } fields)
        {
            return ([], []);
        }

        string type = fields.RequiredText("type");
        switch (type)
        {
            case "ByteLevel":
                // Trims offsets only, and nobody here asks for offsets.
                return ([], []);
            case "Sequence":
                JsonFields[] adding = [.. fields.Objects("processors").Where(static step => step.RequiredText("type") != "ByteLevel")];
                return adding.Length <= 1
                    ? PostProcessor(adding.Length == 0 ? null : adding[0])
                    : throw TokenizerFile.Fault(fields.PathOf("processors"), "has more than one that adds tokens, which is not supported");
            case "TemplateProcessing":
                return Template(fields);
            case "BertProcessing" or "RobertaProcessing":
                return ([PairId(fields, "cls")], [PairId(fields, "sep")]);
            default:
                throw Unknown(fields, type, "ByteLevel, Sequence, TemplateProcessing, BertProcessing and RobertaProcessing");
        }
    }

    /// <summary>Checks that decoding is what a byte-level vocabulary needs.</summary>
    public static void CheckDecoder(JsonFields? component)
    {
        if (component is not { } fields)
        {
            throw TokenizerFile.Fault("decoder", "is missing; a byte-level vocabulary needs ByteLevel");
        }

        string type = fields.RequiredText("type");
        bool good = type == "ByteLevel"
            || (type == "Sequence" && fields.Objects("decoders").Select(static step => step.RequiredText("type")).ToArray() is ["ByteLevel"] or ["ByteLevel", "Fuse"]);
        if (!good)
        {
            throw TokenizerFile.Fault(fields.PathOf("type"), $"is {type}; only ByteLevel is supported for byte-level vocabularies");
        }
    }

    private static IPreTokenizer PreTokenizer(JsonFields fields)
    {
        string type = fields.RequiredText("type");
        return type switch
        {
            "Sequence" => new SequencePreTokenizer([.. fields.Objects("pretokenizers").Select(PreTokenizer)]),
            "Split" => new SplitPreTokenizer(Pattern(fields), Behavior(fields), fields.Flag("invert", false)),
            "Digits" => new SplitPreTokenizer(
                new SplitPattern(@"\p{N}", fields.Path),
                fields.Flag("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous,
                invert: false),
            "Punctuation" => new SplitPreTokenizer(new SplitPattern(@"[\p{P}!-/:-@\[-`{-~]", fields.Path), fields.Element.TryGetProperty("behavior", out _) ? Behavior(fields) : SplitBehavior.Isolated, invert: false),
            "WhitespaceSplit" => new SplitPreTokenizer(new SplitPattern(@"\s", fields.Path), SplitBehavior.Removed, invert: false),
            "Whitespace" => new SplitPreTokenizer(new SplitPattern(@"\w+|[^\w\s]+", fields.Path), SplitBehavior.Removed, invert: true),
            _ => throw Unknown(fields, type, "Sequence, Split, Digits, Punctuation, WhitespaceSplit and Whitespace (before ByteLevel)"),
        };
    }

    private static IPreTokenizer ByteLevel(JsonFields fields)
    {
        IPreTokenizer inner = fields.Flag("use_regex", true)
            ? new SplitPreTokenizer(new SplitPattern(Gpt2Pattern, fields.PathOf("use_regex")), SplitBehavior.Isolated, invert: false)
            : new WholePreTokenizer();
        return fields.Flag("add_prefix_space", true) ? new PrefixSpacePreTokenizer(inner) : inner;
    }

    private static SplitPattern Pattern(JsonFields fields)
    {
        JsonFields pattern = fields.RequiredObject("pattern");
        return pattern.Text("Regex") is { } regex ? new SplitPattern(regex, pattern.PathOf("Regex"))
            : pattern.Text("String") is { } literal ? SplitPattern.Literal(literal, pattern.PathOf("String"))
            : throw TokenizerFile.Fault(pattern.Path, "must have Regex or String");
    }

    private static SplitBehavior Behavior(JsonFields fields)
    {
        string behavior = fields.RequiredText("behavior");
        return behavior switch
        {
            "Isolated" => SplitBehavior.Isolated,
            "Removed" => SplitBehavior.Removed,
            "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
            "MergedWithNext" => SplitBehavior.MergedWithNext,
            "Contiguous" => SplitBehavior.Contiguous,
            _ => throw TokenizerFile.Fault(fields.PathOf("behavior"), $"'{behavior}' is not known"),
        };
    }

    private static (IReadOnlyList<int> Before, IReadOnlyList<int> After) Template(JsonFields fields)
    {
        List<int> before = [];
        List<int> after = [];
        bool behind = false;
        foreach (JsonFields piece in fields.Objects("single"))
        {
            if (piece.Object("Sequence") is not null)
            {
                behind = behind ? throw TokenizerFile.Fault(piece.Path, "repeats the text, which is not supported") : true;
                continue;
            }

            string name = piece.RequiredObject("SpecialToken").RequiredText("id");
            JsonFields token = fields.RequiredObject("special_tokens").RequiredObject(name);
            JsonElement ids = token.Value("ids", JsonValueKind.Array) ?? throw TokenizerFile.Fault(token.PathOf("ids"), "is missing");
            if (ids.GetArrayLength() + before.Count + after.Count > MaxTokensAround)
            {
                throw TokenizerFile.Fault(fields.PathOf("single"), $"puts more than {MaxTokensAround} tokens around a text");
            }

            (behind ? after : before).AddRange(ids.EnumerateArray().Select(id => JsonFields.Id(id, token.PathOf("ids"))));
        }

        return behind ? (before, after) : throw TokenizerFile.Fault(fields.PathOf("single"), "does not hold the text");
    }

    private static int PairId(JsonFields fields, string name) =>
        fields.Value(name, JsonValueKind.Array) is { } pair && pair.GetArrayLength() == 2
            ? JsonFields.Id(pair[1], fields.PathOf(name))
            : throw TokenizerFile.Fault(fields.PathOf(name), "must be a pair of token and id");

    private static Dynamo.Protocol.Models.ModelFolderException Unknown(JsonFields fields, string type, string known) =>
        TokenizerFile.Fault(fields.PathOf("type"), $"'{type}' is not supported; known here: {known}");
}
