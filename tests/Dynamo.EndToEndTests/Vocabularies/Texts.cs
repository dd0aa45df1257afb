using System.Text;

namespace Dynamo.EndToEndTests.Vocabularies;

/// <summary>Texts on which tokenizers go wrong.</summary>
internal static class Texts
{
    private const string SpacesAndWords = " \t\n\r\u00A0\u3000ab1.'-";

    private static readonly string[] Fixed =
    [
        "", " ", "  ", "   ", "\t", "\n", "\n\n", "\n\n\n", "\t\n", "\r\n", "\r\n\r\n", " \n ", "\u00A0", "\u3000\u3000x", "\u2028\u2029", "\u200B", "\uFEFFa", "\0", "\u0001\u001F\u007F\u0085",
        "Hello world", " Hello world", "Hello World!", "Hello, y'all! How are you?", "HELLO'S we'Ve I'LL they'RE 'sound' 'ſ 'S 'tis don't DON'T", "nǐ hǎo", "naïve café naïve café",
        "w048 7tuijk dsdfhu", "3", "33", "333", "3333", "33333", "1234567890123456789", "3.14159e-10", "0x1F 0b101 1_000", "٣٤٥ ५६७ Ⅻ ½ ² ₃ 𝟘𝟙𝟚",
        "I  saw   a    girl", "   leading", "trailing   ", " \t mixed \n\t lines \n", "a\n b\n  c\n   d", "if (x) {\n\treturn y;\n}\n", "def f(x):\n    return x ** 2  # comment\n\n\n",
        "SELECT * FROM t WHERE a='b' AND c>=1;", "https://example.com/a?b=c&d=%20#e", "user@example.org", "<html><b>x</b></html>", "{\"a\": [1, 2.5, null, true]}", "C:\\path\\file.txt", "---\n***\n___\n===",
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "......", "!!!???", "a.b.c", "(a)(b)", "'''''''''''''''", "\"\"\"doc\"\"\"", "«quoted» „so“ ‚and‘ …—–", "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋", "€100 £5 ¥7 ₹9",
        "日本語のテキスト", "これはテストです。", "中文，没有空格。你好世界", "한국어 텍스트입니다", "ភាសាខ្មែរ", "ไทยไม่มีช่องว่าง", "हिन्दी में", "עברית וערבית العربية", "Ελληνικά Кириллица Հայերեն ქართული", "Tiếng Việt có dấu",
        "e\u0301 e\u0301\u0323 a\u030A\u0301 ñ n\u0303", "\u1100\u1161\u11A8 각", "ﬁ ﬂ ﬀ ß ẞ ŉ İ ı ſ", "Å Ω K", "\u0958\u09DC\u0A33", "\u0344\u0F73", "\uFFFE\uFFFF\uFDD0",
        "😀", "😀😁😂🤣", "👨‍👩‍👧‍👦", "👍🏽", "🇩🇪🇫🇷", "❤️", "🏳️‍🌈", "a😀b", "🚀 (normal) 😶‍🌫️ (multiple emojis concatenated) ✅ 🦙🦙 3 33 333", "🅰🅱 ⓐⓑ ㊀", "\u20E3 1️⃣",
        "𠀀𠀁𪛖 𰀀 \U0002EBF0", "𐐀𐐨 𝒜𝓑 𝔘𝔫𝔦", "\U00011F00\U0001E4D0", "\U000105C0\U00010D40\U00016100", "\U000E0041", "\U000F0000\U0010FFFF", "\u1C89\uA7CB\u0897", "\u0378\u0530\U0001FFFF",
        "<|endoftext|>", "a<|endoftext|>b", " <|endoftext|> ", "<|im_start|>user\nhi<|im_end|>\n", "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|>", "[INST] hi [/INST]</s>", "<s>x</s>", "<pad><unk>",
        "<｜User｜>hi<｜Assistant｜>", "<｜begin▁of▁sentence｜>x<｜end▁of▁sentence｜>", "<think>\nx\n</think>", "<tool_call>{}</tool_call>", "<|endofprompt|>x<|im_sep|>", "<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>", "<|endoftext", "|endoftext|>", "<<|endoftext|>>",
    ];

    /// <summary>The texts of one run; the same for the same seed.</summary>
    /// <param name="seed">Of the random part.</param>
    /// <param name="addedTokens">Contents of the vocabulary's added tokens, which some texts hold.</param>
    public static List<string> All(int seed, IReadOnlyList<string> addedTokens)
    {
        Random random = new(seed);
        List<string> texts = [.. Fixed];
        texts.AddRange([new string('a', 20_000), new string(' ', 5_000), new string('\n', 3_000), new string('9', 5_000), new string('日', 5_000), string.Concat(Enumerable.Repeat("ab", 10_000)), string.Concat(Enumerable.Repeat("😀", 3_000))]);
        for (int i = 0; i < 120; i++)
        {
            texts.Add(Random(random, random.Next(1, 60), static r => r.Next(0x110000)));
            texts.Add(Random(random, random.Next(1, 60), static r => r.Next(0x3000)));
        }

        for (int i = 0; i < 80; i++)
        {
            texts.Add(Random(random, random.Next(1, 40), static r => SpacesAndWords[r.Next(SpacesAndWords.Length)]));
            texts.Add(string.Concat(Enumerable.Range(0, random.Next(2, 12)).Select(_ => Fixed[random.Next(Fixed.Length)])));
        }

        for (int i = 0; i < 40 && addedTokens.Count > 0; i++)
        {
            string token = addedTokens[random.Next(addedTokens.Count)];
            texts.Add(string.Concat(Fixed[random.Next(Fixed.Length)], " ", token, random.Next(2) == 0 ? "  " : "", token[..random.Next(token.Length)], addedTokens[random.Next(addedTokens.Count)], "x"));
        }

        return texts;
    }

    private static string Random(Random random, int length, Func<Random, int> next)
    {
        StringBuilder text = new();
        while (length > 0)
        {
            int c = next(random);
            if (Rune.IsValid(c))
            {
                text.Append(new Rune(c).ToString());
                length--;
            }
        }

        return text.ToString();
    }
}
