using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>Disks without room, that fail, and files that may not be used, on each reactor.</summary>
[TestFixture(ReactorChoice.Epoll)]
[TestFixture(ReactorChoice.Uring)]
[Platform("Linux")]
internal sealed class BadLuckTests(ReactorChoice reactor)
{
    private const int Failed = 5; // EIO
    private const int NoRoom = 28; // ENOSPC

    private TestSystem _system = null!;

    [SetUp]
    public void SetUp()
    {
        try
        {
            _system = new TestSystem(new QiActorsOptions { WorkerThreads = 1, Reactor = reactor });
        }
        catch (Microsoft.Extensions.Options.OptionsValidationException e)
        {
            Assert.Ignore(e.Message);
        }
    }

    [TearDown]
    public async Task TearDown()
    {
        if (_system is not null)
            await _system.DisposeAsync();
    }

    [Test]
    public async Task Write_OfMoreThanTheDiskHolds_FailsAndWhatWasThereStays()
    {
        using var disk = new SmallDisk(kibibytes: 64);
        await using var file = await AsyncFile.OpenAsync(_system.Actors, disk["a"], FileMode.Create, FileAccess.ReadWrite);
        byte[] first = Wire.Pattern(10_000);
        await Signal.Within(file.WriteAtAsync(first, 0));

        var thrown = (await Assert.CatchAsync<IOException>(() => Signal.Within(file.WriteAtAsync(Wire.Pattern(200_000), 10_000))))!;

        byte[] back = new byte[10_000];
        Assert.That(await Signal.Within(file.ReadAtAsync(back, 0)), Is.EqualTo(10_000));
        Assert.That((thrown.HResult, back.AsSpan().SequenceEqual(first)), Is.EqualTo((NoRoom, true)));
        Assert.That(thrown.Message, Does.StartWith("Writing ").And.Contain($"of {disk["a"]} failed"));
    }

    [Test]
    public async Task Replace_WithoutRoomForTheNewContent_LeavesTheOldOneAndNothingBeside()
    {
        using var disk = new SmallDisk(kibibytes: 64);
        await Signal.Within(FileTree.ReplaceAsync(_system.Actors, disk["a"], new byte[] { 1, 2, 3 }));

        var thrown = (await Assert.CatchAsync<IOException>(() => Signal.Within(FileTree.ReplaceAsync(_system.Actors, disk["a"], new byte[200_000]))))!;

        Assert.That(thrown.HResult, Is.EqualTo(NoRoom));
        Assert.That(File.ReadAllBytes(disk["a"]), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(disk["a"])!), Is.EqualTo(new[] { disk["a"] }));
    }

    [Test]
    public async Task Read_ThatTheDeviceFails_SaysWhatAndWhere([Values] bool isVectored)
    {
        // Nothing is mapped at the beginning of a process' memory: the kernel answers with EIO, as for a disk that fails.
        await using var memory = await AsyncFile.OpenAsync(_system.Actors, "/proc/self/mem", share: FileShare.ReadWrite);
        byte[] buffer = new byte[100];

        var thrown = (await Assert.CatchAsync<IOException>(async () =>
        {
            if (isVectored)
                await Signal.Within(memory.ReadAtAsync([buffer.AsMemory(0, 50), buffer.AsMemory(50)], 16));
            else
                await Signal.Within(memory.ReadAtAsync(buffer, 16));
        }))!;

        Assert.That(thrown.HResult, Is.EqualTo(Failed));
        Assert.That(thrown.Message, Does.Contain("Reading 100 bytes at 16 of /proc/self/mem failed"));
    }

    [Test]
    public void Open_OfWhatNobodyMayWrite_IsRefusedEvenToRoot()
        => Assert.That(
            () => Signal.Within(AsyncFile.OpenAsync(_system.Actors, "/sys/kernel/uevent_seqnum", FileMode.Open, FileAccess.Write)),
            Throws.TypeOf<UnauthorizedAccessException>().With.Message.Contains("/sys/kernel/uevent_seqnum"));

    [Test]
    public async Task Read_FarBehindAnyEnd_SaysWhereOrReadsNothing()
    {
        using var folder = new Folder();
        await using var file = await AsyncFile.OpenAsync(_system.Actors, folder.Write("a", [1]));

        Assert.That(await Signal.Within(file.ReadAtAsync(new byte[10], 1L << 40)), Is.Zero);
        Assert.That(() => file.ReadAtAsync(new byte[2], long.MaxValue), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains($"{long.MaxValue}"));
    }
}
