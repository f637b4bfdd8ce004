namespace Qi.Actors.House.Tests;

internal sealed class FileLengthTests
{
    [Test]
    public void CodeFiles_AndTheirMethods_AreShort()
    {
        WaiverList waivers = WaiverList.Load("FileLengthWaivers.txt");
        string[] tooLong =
        [
            .. Repository.CodeFiles()
                .SelectMany(LengthChecker.TooLong)
                .Where(found => !waivers.Covers(found.Path, found.Method))
                .Select(found => found.ToString()),
        ];

        Findings.AssertNone(
            tooLong.Concat(waivers.Problems()),
            $"A file has at most {LengthChecker.MostLinesOfAFile} lines and a method {LengthChecker.MostLinesOfAMethod}: " +
            "split it by concept, or write a waiver with its reason in FileLengthWaivers.txt.");
    }

    [TestCase(300, 0)]
    [TestCase(301, 1)]
    public void TooLong_FileAtTheBound_CountsItsLines(int lines, int findings)
    {
        var file = new RepositoryFile("src/Long.cs", string.Concat(Enumerable.Repeat("\n", lines)));

        Assert.That(LengthChecker.TooLong(file).Count(), Is.EqualTo(findings));
    }

    [TestCase("class Long { void Go() { BODY } }", "Long.Go")]
    [TestCase("class Long { class In { In() { BODY } } }", "Long.In.ctor")]
    [TestCase("class Long { int P { get { BODY return 1; } } }", "Long.P.get")]
    [TestCase("class Long { int P => Go(() => { BODY return 1; }); }", "Long.P")]
    [TestCase("class Long { int this[int i] { set { BODY } } }", "Long.this.set")]
    [TestCase("class Long { public static Long operator +(Long a, Long b) { BODY return a; } }", "Long.operator +")]
    [TestCase("int a = 1; BODY a++;", "(top-level statements)")]
    public void TooLong_MethodAtTheBound_CountsItsLines(string code, string name)
    {
        Assert.That(Measure(code, LengthChecker.MostLinesOfAMethod), Is.Empty);
        Assert.That(
            Measure(code, LengthChecker.MostLinesOfAMethod + 1),
            Is.EqualTo(new[] { $"src/Long.cs(1): {name} has {LengthChecker.MostLinesOfAMethod + 1} lines" }));
    }

    private static string[] Measure(string code, int lines)
    {
        string body = string.Concat(Enumerable.Repeat("\n", lines - 1));
        var file = new RepositoryFile("src/Long.cs", code.Replace("BODY", body, StringComparison.Ordinal) + "\n");
        return [.. LengthChecker.TooLong(file).Select(found => found.ToString())];
    }
}
