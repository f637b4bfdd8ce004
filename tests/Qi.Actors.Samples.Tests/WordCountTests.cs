namespace Qi.Actors.Samples.Tests;

internal sealed class WordCountTests
{
    private string _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("qi-words-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Folder_OfTexts_IsCountedRight()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "below"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.txt"), string.Concat(Enumerable.Repeat("Qi qi QI, l'été 气\r\n", 5_000)));
        await File.WriteAllTextAsync(Path.Combine(_folder, "below", "b.md"), string.Join('\n', Enumerable.Range(0, 20_000).Select(n => $"word{n % 7} and")));
        await File.WriteAllBytesAsync(Path.Combine(_folder, "not-text.bin"), [81, 105, 0, 81, 105]);
        await File.WriteAllTextAsync(Path.Combine(_folder, "empty.txt"), "");

        var result = await SampleProcess.RunAsync("WordCount", _folder);

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("3 files").And.Contain("15,000  qi").And.Contain("20,000  and").And.Contain("5,000  été"));
    }

    [Test]
    public async Task Repository_ByDefault_IsCountedRight()
    {
        var result = await SampleProcess.RunAsync("WordCount");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("ok: both counted the same"));
    }

    [Test]
    public async Task Folder_WithoutTexts_IsRefused()
    {
        var result = await SampleProcess.RunAsync("WordCount", _folder);

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Errors, Does.Contain(_folder));
    }

    [TestCase("no-such-folder")]
    [TestCase("--all")]
    [TestCase("a", "b")]
    public async Task Arguments_Wrong_AreExplained(params string[] args)
    {
        var result = await SampleProcess.RunAsync("WordCount", args);

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Errors, Does.Contain(args[0]).And.Contain("--help"));
    }
}
