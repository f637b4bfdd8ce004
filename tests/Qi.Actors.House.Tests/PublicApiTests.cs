using System.Reflection;
using System.Xml.Linq;

namespace Qi.Actors.House.Tests;

internal sealed class PublicApiTests
{
    private const string UpdateVariable = "QI_UPDATE_PUBLIC_API";

    [TestCaseSource(nameof(SourceProjects))]
    public void Assembly_PublicApi_EqualsItsSnapshot(string name)
    {
        string path = Repository.HouseFile($"PublicApi/{name}.txt");
        string actual = ApiText.Write(Assembly.Load(name));
        if (Environment.GetEnvironmentVariable(UpdateVariable) is "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        string expected = File.Exists(path) ? File.ReadAllText(path) : "";
        Findings.AssertNone(
            LineDifference.Between(expected, actual),
            $"The public API of {name} is not the one of {Repository.HouseFolder}/PublicApi/{name}.txt ('-' is gone, '+' is new). " +
            $"If it is meant, run this test with {UpdateVariable}=1 and commit the file.");
    }

    [TestCaseSource(nameof(SourceProjects))]
    public void Assembly_PublicMembers_HaveASummary(string name)
    {
        Assembly assembly = Assembly.Load(name);
        XDocument documentation = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"));

        Findings.AssertNone(
            Undocumented(PublicApi.Types(assembly), documentation),
            "Write one sentence of <summary> for what everybody can see.");
    }

    [Test]
    public void Snapshots_EachFile_BelongsToASourceProject()
        => Assert.That(
            Repository.Files($"{Repository.HouseFolder}/PublicApi", path => path.EndsWith(".txt", StringComparison.Ordinal))
                .Select(file => Path.GetFileNameWithoutExtension(file.Name)),
            Is.EquivalentTo(SourceProjects()));

    [Test]
    public void Write_TypesOfEveryKind_AreWrittenAsCSharpSaysThem()
    {
        string text = ApiText.Write(typeof(ApiSpecimen<>).Assembly);

        Assert.That(text, Is.EqualTo(ApiSpecimenText.Expected + "\n"));
    }

    [Test]
    public void Undocumented_SpecimenWithOneGap_ReportsThatGapOnly()
    {
        string path = Path.ChangeExtension(typeof(ApiSpecimen<>).Assembly.Location, ".xml");
        XDocument documentation = XDocument.Load(path);
        Type[] specimens = [.. PublicApi.Types(typeof(ApiSpecimen<>).Assembly)];
        Assert.That(Undocumented(specimens, documentation), Is.Empty);

        XElement[] summaries = [.. documentation.Descendants("member").Where(member => IsAskedFor(Key(member), specimens))];
        Assert.That(summaries, Has.Length.GreaterThan(20));
        foreach (XElement member in summaries)
        {
            XElement[] content = [.. member.Elements()];
            member.RemoveNodes();
            Assert.That(Undocumented(specimens, documentation), Is.EqualTo(new[] { Key(member) }));
            member.Add(content.Cast<object>().ToArray());
        }
    }

    [Test]
    public void Between_ChangedLine_ShowsBothSides()
        => Assert.That(
            LineDifference.Between("a\nb\nc\n", "a\nB\nc\nd\n"),
            Is.EqualTo(new[] { "line 2: - b", "line 2: + B", "line 4: + d" }));

    [Test]
    public void Between_EqualTexts_ShowsNothing()
        => Assert.That(LineDifference.Between("a\nb\n", "a\nb\n"), Is.Empty);

    private static string[] SourceProjects()
        =>
        [
            .. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
                .Select(path => Path.GetFileNameWithoutExtension(path)!)
                .Order(StringComparer.Ordinal),
        ];

    private static bool IsAskedFor(string key, Type[] types)
        => Undocumented(types, new XDocument()).Contains(key, StringComparer.Ordinal);

    private static string Key(XElement member) => member.Attribute("name")!.Value;

    private static IEnumerable<string> Undocumented(IEnumerable<Type> types, XDocument documentation)
    {
        HashSet<string> documented =
        [
            .. documentation.Descendants("member")
                .Where(member => member.Element("inheritdoc") is not null || member.Element("summary") is { Value.Length: > 0 })
                .Select(Key),
        ];
        foreach (Type type in types)
        {
            IEnumerable<string> keys = typeof(Delegate).IsAssignableFrom(type)
                ? []
                : PublicApi.Members(type).Where(member => !IsImplicit(member)).Select(DocumentationId.Of);
            foreach (string key in keys.Prepend(DocumentationId.Of(type)).Where(key => !documented.Contains(key)))
                yield return key;
        }
    }

    // Reflection cannot tell a constructor that the compiler added from one that was written; the compiler's own warning
    // about missing comments covers the written one.
    private static bool IsImplicit(MemberInfo member) => member is ConstructorInfo constructor && constructor.GetParameters().Length == 0;
}
