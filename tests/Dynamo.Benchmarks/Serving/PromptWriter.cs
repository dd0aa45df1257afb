using System.Globalization;
using System.Text;

namespace Dynamo.Benchmarks.Serving;

/// <summary>Writes prompts of common words, no two alike but for what they are to have in common.</summary>
/// <param name="seed">Of the words.</param>
internal sealed class PromptWriter(int seed)
{
    private const int NumTailWords = 8;

    private static readonly string[] Words =
        ("time year people way day man thing woman life child world school state family student group country problem hand part place case week company system " +
        "program question work number night point home water room mother area money story fact month lot right study book eye job word business issue side kind head " +
        "house service friend father power hour game line end member law car city name team minute idea body back parent face others level office door health person art " +
        "war history party result change morning reason research girl guy moment air teacher force education").Split(' ');

    private readonly Random _random = new(seed);
    private int _number;

    /// <summary>Words of a prompt of a length.</summary>
    public int NumWords { get; set; } = 16;

    /// <summary>A prompt of <see cref="NumWords"/> words.</summary>
    public string Short()
    {
        StringBuilder text = new();
        Start(text);
        Append(text, NumWords - 1, _random);
        return text.ToString();
    }

    /// <summary>A prompt that begins as all of its length do.</summary>
    public string Long(int numSharedCharacters)
    {
        StringBuilder text = new(numSharedCharacters + (NumTailWords * 16));
        Append(text, numSharedCharacters / 2, new Random(numSharedCharacters));
        text.Length = numSharedCharacters;
        text.Append('\n');
        Start(text);
        Append(text, NumTailWords, _random);
        return text.ToString();
    }

    private void Start(StringBuilder text) => text.Append(CultureInfo.InvariantCulture, $"{++_number}");

    private static void Append(StringBuilder text, int count, Random random)
    {
        for (int i = 0; i < count; i++)
        {
            text.Append(' ').Append(Words[random.Next(Words.Length)]);
        }
    }
}
