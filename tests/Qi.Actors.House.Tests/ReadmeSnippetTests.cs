namespace Qi.Actors.House.Tests;

internal sealed class ReadmeSnippetTests
{
    private const string Sample = """
        class Tour
        {
            // snippet: hello
            void Hello()
            {
                Greet();
            }
            // end snippet
        }
        """;

    private const string Shown = "void Hello()\n{\n    Greet();\n}\n";

    [Test]
    public void Readme_CSharpBlocks_AreRegionsOfTheTour()
    {
        RepositoryFile readme = Repository.Files(".", path => path is "README.md").SingleOrDefault()
            ?? new RepositoryFile("README.md", "");
        WaiverList unshown = WaiverList.Load("UnshownSnippets.txt");
        SnippetChecker checker = SnippetChecker.Check(
            readme, Repository.Files("samples/Tour", path => path.EndsWith(".cs", StringComparison.Ordinal)), unshown);

        Findings.AssertNone(
            checker.Problems.Concat(unshown.Problems()),
            "Change the code in samples/Tour, where it is compiled and run, then copy the region to README.md.");
    }

    [Test]
    public void TestingPage_CSharpBlocks_AreRegionsOfTheTransfers()
    {
        WaiverList none = WaiverList.Parse("");
        RepositoryFile page = Repository.Files("docs", path => path is "docs/testing.md").Single();
        SnippetChecker checker = SnippetChecker.Check(
            page, Repository.Files("samples", path => path.StartsWith("samples/Transfers", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal)), none);

        Findings.AssertNone(checker.Problems, "Change the code in samples/Transfers or samples/Transfers.Tests, then copy the region to docs/testing.md.");
    }

    [Test]
    public void Check_BlockEqualsItsRegion_IsFine()
        => Assert.That(Check($"<!-- snippet: hello -->\n\n```csharp\n{Shown}```\n"), Is.Empty);

    [TestCase("```csharp\n" + Shown + "```\n", "no '<!-- snippet: name -->'")]
    [TestCase("<!-- snippet: hello -->\nwords between\n```csharp\n" + Shown + "```\n", "no '<!-- snippet: name -->'")]
    [TestCase("<!-- snippet: other -->\n```csharp\n" + Shown + "```\n", "no snippet 'other'")]
    [TestCase("<!-- snippet: hello -->\n```csharp\nvoid Hello() => Greet();\n```\n", "differs from the snippet 'hello'")]
    [TestCase("<!-- snippet: hello -->\n```csharp\n" + Shown + "\n```\n", "differs from the snippet 'hello'")]
    [TestCase("no block\n", "does not show the snippet 'hello'")]
    public void Check_PlantedDifference_IsReported(string readme, string expected)
        => Assert.That(Check(readme), Has.Some.Contains(expected));

    [TestCase("// snippet: a\n", "never ends")]
    [TestCase("// end snippet\n", "never began")]
    [TestCase("// snippet: a\n// snippet: b\n// end snippet\n", "begins inside")]
    [TestCase("// snippet: a\n// end snippet\n// snippet: a\n// end snippet\n", "two snippets")]
    public void Check_BrokenRegions_AreReported(string sample, string expected)
        => Assert.That(Check("", sample), Has.Some.Contains(expected));

    [Test]
    public void Check_RegionOnTheUnshownList_IsFine()
        => Assert.That(Check("", Sample, "hello : another page shows it"), Is.Empty);

    private static List<string> Check(string readme, string sample = Sample, string unshown = "")
        => SnippetChecker.Check(
            new RepositoryFile("README.md", readme),
            [new RepositoryFile("samples/Tour/Tour.cs", sample)],
            WaiverList.Parse(unshown)).Problems;
}
