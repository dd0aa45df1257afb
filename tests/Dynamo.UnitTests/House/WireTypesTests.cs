using System.Globalization;
using System.Reflection;
using System.Text;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.House;

/// <summary>
/// The types that Orleans serializes, against wire-types.txt beside this file: what changes there is read by processes of another build. Grain methods are compared
/// with OrleansContracts.txt by the build.
/// </summary>
public sealed class WireTypesTests
{
    private const string Accept = "DYN_ACCEPT_WIRE_TYPES";

    private static readonly string[] Projects = ["Protocol", "Abstractions", "Cluster", "Diagnostics", "Worker", "Serving"];
    private static readonly string Known = Path.Combine(DemoModel.RepositoryRoot(), "tests", "Dynamo.UnitTests", "House", "wire-types.txt");

    private static readonly Type[] Types = [.. Projects
        .SelectMany(static project => Assembly.Load($"Dynamo.{project}").GetTypes())
        .Where(static type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))];

    [Fact]
    public void TypesOnTheWire_AreThoseThatAreKnown()
    {
        string now = Text();
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            File.WriteAllText(Known, now);
        }

        Assert.True(
            File.ReadAllText(Known) == now,
            $"What Orleans serializes is not what {Known} says. Names, numbers and types there are read by processes of other builds: give new members the next free number, and "
            + $"never a number again. When every change is meant, run this test once with {Accept}=1 and commit the file. Now:{Environment.NewLine}{now}");
    }

    [Fact]
    public void TypesOnTheWire_HaveNamesThatOutliveARename() => Assert.All(Types, static type => Assert.True(type.IsDefined(typeof(AliasAttribute), inherit: false), $"{type} has no alias."));

    private static string Text()
    {
        StringBuilder text = new();
        HashSet<Type> enums = [];
        foreach (Type type in Types.OrderBy(Name, StringComparer.Ordinal))
        {
            text.Append(Name(type)).Append(Types.Contains(type.BaseType) ? $": {Name(type.BaseType!)}" : "").Append('\n');
            foreach ((uint id, string name, Type member) in Members(type).OrderBy(static member => member.Id))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {id} {name}: {Name(member)}\n");
                Type value = Nullable.GetUnderlyingType(member) ?? member.GetElementType() ?? member;
                if (value.IsEnum)
                {
                    enums.Add(value);
                }
            }
        }

        foreach (Type type in enums.OrderBy(Name, StringComparer.Ordinal))
        {
            text.Append(Name(type)).Append(": ").Append(Name(Enum.GetUnderlyingType(type))).Append('\n');
            foreach (object value in Enum.GetValuesAsUnderlyingType(type))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {value} {Enum.GetName(type, value)}\n");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<(uint Id, string Name, Type Type)> Members(Type type) =>
        from member in type.GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let id = member.GetCustomAttribute<IdAttribute>()
        where id is not null
        select (id.Id, member.Name, member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType);

    private static string Name(Type type)
    {
        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (type.IsGenericType)
        {
            return $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
        }

        return type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias ?? type.FullName!;
    }
}
