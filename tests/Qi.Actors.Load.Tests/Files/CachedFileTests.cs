using Qi.Actors.Load.Files;

namespace Qi.Actors.Load.Tests.Files;

internal sealed class FileReadTests
{
    private string _folder = "";

    private static IEnumerable<string> Kinds => FileReader.All.Select(reader => reader.Name);

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("qi-file-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Run_OfEveryKind_ReadsAndChecks([ValueSource(nameof(Kinds))] string kind, [Values(1, 8)] int depth)
    {
        using (var file = new CachedFile(_folder, blocks: 300))
        {
            Assert.That(new FileInfo(Directory.GetFiles(_folder).Single()).Length, Is.EqualTo(300 * CachedFile.BlockBytes));
            Assert.That(FileReader.Find(kind).Run(file, new Watch(TimeSpan.Zero), depth), Is.EqualTo(depth), "one on each lane");
        }

        Assert.That(Directory.GetFiles(_folder), Is.Empty);
    }

    [Test]
    public void Check_OtherBytes_AreRefused()
    {
        using var file = new CachedFile(_folder, blocks: 3);
        byte[] block = new byte[CachedFile.BlockBytes];
        RandomAccess.Read(file.Handle!, block, CachedFile.OffsetOf(2));

        Assert.That(() => CachedFile.Check(2, block), Throws.Nothing);
        Assert.That(() => CachedFile.Check(1, block), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => CachedFile.Check(2, block.AsSpan(1)), Throws.TypeOf<InvalidDataException>());
        block[^1]++;
        Assert.That(() => CachedFile.Check(2, block), Throws.TypeOf<InvalidDataException>());
    }

    [TestCase("dotnet-sync", "--kind", "mmap")]
    [TestCase("no such folder", "--folder", "nowhere")]
    public void Options_Wrong_AreExplained(string remedy, params string[] args)
        => Assert.That(() => FileReadCommand.Run(Arguments.Parse(["file-read", .. args])), Throws.TypeOf<UsageException>().With.Message.Contains(remedy));
}
