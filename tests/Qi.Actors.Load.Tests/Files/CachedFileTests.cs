using Qi.Actors.Workloads.Files;

namespace Qi.Actors.Load.Tests.Files;

internal sealed class CachedFileTests
{
    private const int Blocks = 300;

    [Test]
    public void Dispose_OfAFile_LeavesNothing()
    {
        string path;
        using (var file = new CachedFile(Blocks))
        {
            path = file.Location;
            Assert.That(new FileInfo(path).Length, Is.EqualTo(Blocks * CachedFile.BlockBytes));
        }

        Assert.That(File.Exists(path), Is.False);
    }

    [Test]
    public void Check_OtherBytes_AreRefused()
    {
        using var file = new CachedFile(Blocks);
        byte[] block = new byte[CachedFile.BlockBytes];
        RandomAccess.Read(file.Handle, block, CachedFile.OffsetOf(2));

        Assert.That(() => CachedFile.Check(2, block), Throws.Nothing);
        Assert.That(() => CachedFile.Check(1, block), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => CachedFile.Check(2, block.AsSpan(1)), Throws.TypeOf<InvalidDataException>());
        block[^1]++;
        Assert.That(() => CachedFile.Check(2, block), Throws.TypeOf<InvalidDataException>());
    }

    [TestCase(Blocks * CachedFile.BlockBytes, -1, Blocks)]
    [TestCase((Blocks - 1) * CachedFile.BlockBytes, -1, Blocks - 1)]
    [TestCase((Blocks * CachedFile.BlockBytes) - 1, -1, Blocks - 1)]
    [TestCase(Blocks * CachedFile.BlockBytes, 7 * CachedFile.BlockBytes, 7)]
    public void CountEqual_OfACopy_GoesToTheFirstDifference(int length, int changedAt, int equal)
    {
        using var file = new CachedFile(Blocks);
        byte[] bytes = File.ReadAllBytes(file.Location)[..length];
        if (changedAt >= 0)
            bytes[changedAt]++;
        string copy = file.Location + ".test";
        try
        {
            File.WriteAllBytes(copy, bytes);
            Assert.That(file.CountEqual(copy), Is.EqualTo(equal));
        }
        finally
        {
            File.Delete(copy);
        }
    }
}
