using System.IO.MemoryMappedFiles;
using System.Text;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>Reads, writes and ends of files, on each reactor.</summary>
[TestFixture(ReactorChoice.Epoll, null)]
[TestFixture(ReactorChoice.Uring, null)]
[TestFixture(ReactorChoice.Epoll, "/dev/shm")]
[TestFixture(ReactorChoice.Uring, "/dev/shm")]
[Platform("Linux")]
internal sealed class AsyncFileTests(ReactorChoice reactor, string? below)
{
    private const int Megabyte = 1 << 20;

    private TestSystem _system = null!;
    private Folder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        Assume.That(below is null || Directory.Exists(below), Is.True, "needs a file system in memory");
        try
        {
            _system = new TestSystem(new QiActorsOptions { WorkerThreads = 2, Reactor = reactor });
        }
        catch (Microsoft.Extensions.Options.OptionsValidationException e)
        {
            Assert.Ignore(e.Message);
        }

        _folder = new Folder(below);
    }

    [TearDown]
    public async Task TearDown()
    {
        if (_folder is null)
            return;
        Assert.That(_system.Actors.Pool.Reactors.OpenCount, Is.Zero, "a file that was closed is still in use");
        _folder.Dispose();
        await _system.DisposeAsync();
    }

    [Test]
    public async Task ReadAt_OfWhatWasWritten_GivesItBack()
    {
        byte[] pattern = Wire.Pattern(Megabyte);
        await using var file = await Open("x", FileMode.Create, FileAccess.ReadWrite);

        await file.WriteAtAsync(pattern.AsMemory(1000), 1000);
        await file.WriteAtAsync(pattern.AsMemory(0, 1000), 0);

        Assert.That(await ReadAll(file), Is.EqualTo(pattern));
        Assert.That(file.Length, Is.EqualTo(Megabyte));
    }

    [Test]
    public async Task ReadAt_FromACoroutineInALoop_GivesOthersTheirTurns()
    {
        await using var one = TestSystem.WithOneDispatcher();
        await using var file = await AsyncFile.OpenAsync(one.Actors, _folder.Write("x", Wire.Pattern(4096)));
        bool isOver = false;

        async Coroutine<long> Reader()
        {
            byte[] buffer = new byte[4096];
            long count = 0;
            while (!isOver)
                count += await file.ReadAtAsync(buffer, 0);
            return count;
        }

        async Coroutine Other() => isOver = await Task.FromResult(true);

        var reader = one.Actors.Spawn(Reader).AsTask();
        _ = one.Actors.Spawn(Other);

        Assert.That(await Signal.Within(reader) % 4096, Is.Zero);
    }

    [Test]
    public async Task ReadAt_AfterTheFileWasCutOff_ReadsNothing()
    {
        await using var file = await Open("x", FileMode.Create, FileAccess.ReadWrite);
        await file.WriteAtAsync(Wire.Pattern(8192), 0);
        await using (var other = await Open("x", FileMode.Open, FileAccess.ReadWrite))
            await other.SetLengthAsync(5000);

        byte[] buffer = new byte[4096];
        Assert.That(await file.ReadAtAsync(buffer, 4096), Is.EqualTo(5000 - 4096));
        Assert.That(await file.ReadAtAsync(buffer, 6000), Is.Zero);
    }

    [Test]
    public async Task ReadAt_OfWhatIsOnDisk_ReadsIt()
    {
        byte[] pattern = Wire.Pattern(Megabyte);
        string path = _folder.Write("x", pattern);
        await using var file = await AsyncFile.OpenAsync(_system.Actors, path);
        Evict(path);

        Assert.That(await Signal.Within(ReadAll(file)), Is.EqualTo(pattern));
    }

    [Test]
    public async Task Pieces_AreReadAndWrittenInOrder()
    {
        byte[] pattern = Wire.Pattern(5000);
        await using var file = await Open("x", FileMode.Create, FileAccess.ReadWrite);
        await file.WriteAtAsync([pattern.AsMemory(0, 10), pattern.AsMemory(10, 0), pattern.AsMemory(10)], 7);

        foreach (int count in new[] { 2, 17 })
        {
            byte[] read = new byte[5000];
            Memory<byte>[] pieces = [.. Enumerable.Range(0, count).Select(piece => read.AsMemory(piece * 100, piece == count - 1 ? 5000 - (piece * 100) : 100))];
            Assert.That(await file.ReadAtAsync(pieces, 7), Is.EqualTo(5000));
            Assert.That(read, Is.EqualTo(pattern));
        }
    }

    [Test]
    public async Task Append_ByManyAtOnce_KeepsEachInOnePiece()
    {
        await using var file = await Open("x", FileMode.Create, FileAccess.ReadWrite);
        await Signal.Within(Task.WhenAll(Enumerable.Range(0, 200).Select(line => Task.Run(() => file.AppendAsync(Encoding.UTF8.GetBytes($"line {line:000}\n")).AsTask()))));
        await file.FlushAsync(onlyContent: true);
        await file.FlushAsync();

        Assert.That(File.ReadAllLines(_folder["x"]).Order(StringComparer.Ordinal), Is.EqualTo(Enumerable.Range(0, 200).Select(line => $"line {line:000}")));
    }

    [Test]
    public async Task Dispose_WhileOperationsAreInProgress_EndsEachAndClosesOnce()
    {
        int before = Wire.DescriptorCount;
        for (int round = 0; round < 20; round++)
        {
            var file = await Open("x", FileMode.Create, FileAccess.ReadWrite);
            byte[] pattern = Wire.Pattern(64 * 1024);
            Task[] writes = [.. Enumerable.Range(0, 16).Select(place => file.WriteAtAsync(pattern, place * (long)pattern.Length).AsTask())];
            await file.DisposeAsync();
            await file.DisposeAsync();
            await Signal.Within(Task.WhenAll(writes.Select(EndOrClosed)));
            byte[] content = File.ReadAllBytes(file.Path);
            for (int place = 0; place < writes.Length; place++)
            {
                if (writes[place].IsCompletedSuccessfully)
                    Assert.That(content.AsSpan(place * pattern.Length, pattern.Length).SequenceEqual(pattern), Is.True, $"write {place}");
            }

            Assert.That(async () => await file.ReadAtAsync(new byte[1], 0), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains(file.Path));
            Assert.That(() => file.Length, Throws.TypeOf<ObjectDisposedException>());
        }

        Assert.That(_system.Actors.Pool.Reactors.OpenCount, Is.Zero);
        Assert.That(Wire.DescriptorCount, Is.LessThan(before + 20)); // reactors and the runtime open some of their own
    }

    [Test]
    public async Task Stop_OfTheSystem_ClosesItsFiles()
    {
        var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1, Reactor = reactor });
        var file = await AsyncFile.OpenAsync(system.Actors, _folder.Write("x", [1]));
        await system.DisposeAsync();

        Assert.That(async () => await file.ReadAtAsync(new byte[1], 0), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Cancelled_BeforeItBegins_DoesNothing()
    {
        await using var file = await Open("x", FileMode.Create, FileAccess.ReadWrite);
        var token = new CancellationToken(canceled: true);

        Assert.That(async () => await file.WriteAtAsync(new byte[10], 0, token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await file.ReadAtAsync(new byte[10], 0, token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await file.AppendAsync(new byte[10], token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await file.FlushAsync(cancellationToken: token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(file.Length, Is.Zero);
    }

    [Test]
    public async Task Map_OutlivesTheFile_ThroughItsView()
    {
        var file = await Open("x", FileMode.Create, FileAccess.ReadWrite);
        await file.WriteAtAsync(Wire.Pattern(10), 0);
        using MemoryMappedFile map = file.Map();
        using var view = map.CreateViewAccessor();
        file.Dispose();

        view.Write(3, (byte)200);

        Assert.That(view.ReadByte(9), Is.EqualTo(Wire.Pattern(10)[9]));
        Assert.That(File.ReadAllBytes(file.Path)[3], Is.EqualTo(200));
    }

    [Test]
    public async Task AsStream_CopyTo_CopiesTheRestInLargePieces()
    {
        byte[] bytes = Wire.Pattern(600_000);
        _folder.Write("x", bytes);
        var file = await Open("x", FileMode.Open, FileAccess.Read);
        await using var stream = file.AsStream();
        stream.Position = 1000;
        using var target = new PieceStream();

        await stream.CopyToAsync(target);

        Assert.That(target.ToArray(), Is.EqualTo(bytes[1000..]));
        Assert.That(stream.Position, Is.EqualTo(bytes.Length));
        Assert.That(target.Largest, Is.GreaterThanOrEqualTo(256 * 1024));
        Assert.That(async () => await stream.CopyToAsync(null!), Throws.ArgumentNullException);
    }

    [Test]
    public async Task AsStream_ReadsWritesAndSeeks()
    {
        var file = await Open("x", FileMode.Create, FileAccess.ReadWrite);
        await using (var stream = file.AsStream())
        {
            await using var writer = new StreamWriter(stream, leaveOpen: true);
            await writer.WriteAsync("one two three");
            await writer.FlushAsync();
            stream.Seek(-5, SeekOrigin.End);
            Assert.That(await new StreamReader(stream, leaveOpen: true).ReadToEndAsync(), Is.EqualTo("three"));
            stream.SetLength(3);
            Assert.That(stream.Position, Is.EqualTo(3));
        }

        Assert.That(File.ReadAllText(_folder["x"]), Is.EqualTo("one"));
        Assert.That(() => file.Length, Throws.TypeOf<ObjectDisposedException>());
    }

    // A write that had not reached the ring when the file was closed says so.
    private static async Task EndOrClosed(Task write)
    {
        try
        {
            await write;
        }
        catch (ObjectDisposedException)
        {
            Assert.That(write.IsFaulted, Is.True);
        }
    }

    private static void Evict(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
        PageCache.Forget(handle);
    }

    private static async Task<byte[]> ReadAll(AsyncFile file)
    {
        byte[] read = new byte[file.Length];
        int done = 0;
        while (done < read.Length && await file.ReadAtAsync(read.AsMemory(done), done) is > 0 and var count)
            done += count;
        return read;
    }

    private ValueTask<AsyncFile> Open(string name, FileMode mode, FileAccess access)
        => AsyncFile.OpenAsync(_system.Actors, _folder[name], mode, access, FileShare.ReadWrite);

    private sealed class PieceStream : MemoryStream
    {
        public int Largest { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Largest = Math.Max(Largest, buffer.Length);
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
