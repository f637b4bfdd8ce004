namespace Qi.Actors.House.Tests;

internal sealed class BannedWordsTests
{
    private const string Tab = "\t";
    private const string Promise = "TO" + "DO";

    private static readonly string[] s_textEndings =
    [
        ".cs", ".md", ".txt", ".csproj", ".props", ".targets", ".json", ".yml", ".yaml", ".xml", ".runsettings", ".sh", ".awk",
        ".c", ".h", ".ll", ".html", ".css", ".js", ".editorconfig", ".gitignore", ".ci/run",
    ];

    private static readonly string[] s_buildEndings = [".cs", ".csproj", ".props", ".targets", ".yml", ".sh", ".ci/run"];

    [Test]
    public void TextFiles_Layout_HasNoTabsNoTrailingSpaceAndNoPathOfAMachine()
        => Findings.AssertNone(
            Files(s_textEndings).SelectMany(BannedWords.InText).Select(found => found.ToString()),
            "Clean the lines; build paths from the temporary folder or the repository's root.");

    [Test]
    public void CodeAndBuildFiles_Promises_AreNotThere()
        => Findings.AssertNone(
            Files(s_buildEndings).SelectMany(BannedWords.Promises).Select(found => found.ToString()),
            "Do it now, or write it down where work is planned.");

    [Test]
    public void CodeFiles_Comments_HoldNoCode()
        => Findings.AssertNone(
            Repository.CodeFiles().SelectMany(BannedWords.CommentedOutCode).Select(found => found.ToString()),
            "Delete the code: history keeps it. A sentence ends in a full stop.");

    [Test]
    public void Tests_All_AreSwitchedOn()
        => Findings.AssertNone(
            TestFiles().SelectMany(BannedWords.DisabledTests).Select(found => found.ToString()),
            "Mend the test, delete it, or give it a category.");

    [Test]
    public void Tests_Waits_AreForSignals()
    {
        WaiverList waivers = WaiverList.Load("SleepWaivers.txt");
        string[] sleeps =
        [
            .. TestFiles()
                .SelectMany(BannedWords.Sleeps)
                .Where(found => !waivers.Covers(found.Path, found.Subject))
                .Select(found => found.ToString()),
        ];

        Findings.AssertNone(
            sleeps.Concat(waivers.Problems()),
            "Await a signal with a generous bound or advance the virtual clock, or write a waiver in SleepWaivers.txt.");
    }

    [TestCase("a" + Tab + "b\n", "a tab")]
    [TestCase("a \n", "white space")]
    [TestCase("a\r\n", "white space")]
    [TestCase("a", "no newline")]
    [TestCase("open /t" + "mp/x\n", "own path")]
    [TestCase("open \"/wo" + "rk/x\"\n", "own path")]
    [TestCase("/ro" + "ot/x\n", "own path")]
    [TestCase("C:" + "\\Users\\me\n", "own path")]
    public void InText_PlantedFinding_IsReportedWithItsLine(string text, string what)
    {
        Banned[] found = [.. BannedWords.InText(new RepositoryFile("a.md", "fine\n" + text))];

        Assert.That(found, Has.Length.EqualTo(1));
        Assert.That(found[0].ToString(), Does.StartWith("a.md(2): ").And.Contains(what));
    }

    [TestCase("")]
    [TestCase("fine\n")]
    [TestCase("https://example.org/work/x and docs/work/x and ../tmp/x\n")]
    public void InText_CleanText_IsNotReported(string text)
        => Assert.That(BannedWords.InText(new RepositoryFile("a.md", text)), Is.Empty);

    [TestCase("// " + Promise + " later", 1)]
    [TestCase("throw new NotImplemented" + "Exception();", 1)]
    [TestCase("// what is still to do", 0)]
    public void Promises_PlantedWord_IsReported(string text, int findings)
        => Assert.That(BannedWords.Promises(new RepositoryFile("a.cs", text)).Count(), Is.EqualTo(findings));

    [TestCase("// Next();\n", 1)]
    [TestCase("int a; // if (a) {\n", 1)]
    [TestCase("// A sentence.\n", 0)]
    [TestCase("/// <summary>One; two;</summary>\nclass A;\n", 0)]
    [TestCase("var a = \"// Next();\";\n", 0)]
    public void CommentedOutCode_PlantedComment_IsReported(string text, int findings)
        => Assert.That(BannedWords.CommentedOutCode(new RepositoryFile("a.cs", text)).Count(), Is.EqualTo(findings));

    [TestCase("class A { [Ignore(\"why\")] void B() { } }", 1)]
    [TestCase("class A { [Test, NUnit.Framework.ExplicitAttribute] void B() { } }", 1)]
    [TestCase("class A { [Test] void Ignore() { } }", 0)]
    public void DisabledTests_PlantedAttribute_IsReported(string text, int findings)
        => Assert.That(BannedWords.DisabledTests(new RepositoryFile("a.cs", text)).Count(), Is.EqualTo(findings));

    [TestCase("Thread.Sleep(1);", 1)]
    [TestCase("System.Threading.Thread.Sleep(1);", 1)]
    [TestCase("await Task.Delay(10);", 1)]
    [TestCase("await Task.Delay(Timeout.InfiniteTimeSpan, token);", 0)]
    [TestCase("await Coroutine.DelayAsync(time);", 0)]
    [TestCase("var text = \"Thread.Sleep(1);\";", 0)]
    public void Sleeps_PlantedWait_IsReported(string text, int findings)
        => Assert.That(BannedWords.Sleeps(new RepositoryFile("a.cs", text)).Count(), Is.EqualTo(findings));

    private static IEnumerable<RepositoryFile> TestFiles()
        => Repository.Files("tests", path => path.EndsWith(".cs", StringComparison.Ordinal));

    private static IReadOnlyList<RepositoryFile> Files(string[] endings)
        => Repository.Files(".", path => endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)));
}
