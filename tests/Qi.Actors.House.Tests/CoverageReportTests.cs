using System.Xml.Linq;
using Qi.Actors.Coverage;

namespace Qi.Actors.House.Tests;

internal sealed class CoverageReportTests
{
    [Test]
    public void Add_TwoProjectsThatCoverDifferentLines_CountsALineThatEitherCovered()
    {
        var report = new CoverageReport(Repository.Root);
        report.Add(Cobertura("src/Qi.Actors.Platform", "Atomic.cs", (1, 1), (2, 0), (3, 0)));
        report.Add(Cobertura("src", "Qi.Actors.Platform/Atomic.cs", (1, 0), (2, 7), (3, 0), (4, 0)));

        Assert.That((report.Covered, report.Lines), Is.EqualTo((2, 4)));
        Assert.That(report.Percent, Is.EqualTo(50));
        Assert.That(report.Folders(), Is.EqualTo(new[] { ("src/Qi.Actors.Platform", 2, 4) }));
    }

    [TestCase("tests/Qi.Actors.House.Tests", "Repository.cs")]
    [TestCase("src/Qi.Actors.Platform", "NoSuchFile.cs")]
    public void Add_FileThatIsNotBelowSrc_IsNotCounted(string source, string file)
    {
        var report = new CoverageReport(Repository.Root);
        report.Add(Cobertura(source, file, (1, 1)));

        Assert.That(report.Lines, Is.Zero);
        Assert.That(report.Percent, Is.Zero);
    }

    private static XDocument Cobertura(string source, string file, params (int Number, int Hits)[] lines)
        => new(new XElement(
            "coverage",
            new XElement("sources", new XElement("source", Path.Combine(Repository.Root, source))),
            new XElement(
                "class",
                new XAttribute("filename", file),
                new XElement("lines", lines.Select(line => new XElement(
                    "line", new XAttribute("number", line.Number), new XAttribute("hits", line.Hits)))))));
}
