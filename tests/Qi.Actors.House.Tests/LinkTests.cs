namespace Qi.Actors.House.Tests;

internal sealed class LinkTests
{
    [Test]
    public void MarkdownFiles_RelativeLinks_PointToWhatIsThere()
        => Findings.AssertNone(
            Repository.Files(".", path => path.EndsWith(".md", StringComparison.Ordinal)).SelectMany(Broken),
            "Mend the link or write the file.");

    [TestCase("see [it](docs/no-such-file.md)")]
    [TestCase("see ![it](no-such-picture.png \"title\")")]
    [TestCase("[it]: no-such-file.md#part")]
    [TestCase("[fine](README.md) and [not](../no-such-file.md)")]
    public void Broken_PlantedLink_IsReportedWithItsLine(string line)
    {
        string[] found = [.. Broken(new RepositoryFile("CONTRIBUTING.md", "\n" + line + "\n"))];

        Assert.That(found.Where(text => text.Contains("no-such", StringComparison.Ordinal)), Has.Exactly(1).StartsWith("CONTRIBUTING.md(2): "));
    }

    [TestCase("see [it](Qi.Actors.sln)")]
    [TestCase("see [it](src/Qi.Actors)")]
    [TestCase("see [it](https://example.org/no-such-file), [mail](mailto:a@example.org) and [here](#part)")]
    [TestCase("`[it](no-such-file.md)`")]
    [TestCase("```\n[it](no-such-file.md)\n```")]
    public void Broken_GoodOrForeignLink_IsNotReported(string line)
        => Assert.That(Broken(new RepositoryFile("CONTRIBUTING.md", line + "\n")), Is.Empty);

    private static IEnumerable<string> Broken(RepositoryFile file)
    {
        string folder = Path.Combine(Repository.Root, Path.GetDirectoryName(file.Path)!);
        return MarkdownFile.Links(file.Text)
            .Where(link => !Path.Exists(Path.GetFullPath(Path.Combine(folder, link.Target))))
            .Select(link => $"{file.Path}({link.Line}): '{link.Target}' is not there");
    }
}
