namespace Qi.Actors.Platform.Tests;

// What it costs, and files.
public abstract partial class ReactorFixture<T>
{
    [Test]
    public void SendAndReceive_InASteadyState_AllocateNothing()
    {
        if (!IsFrugal)
            Assert.Ignore("This reactor stands on the framework's sockets, which allocate.");
        var (first, other) = Connected();
        var second = Handle(other);
        byte[] bytes = new byte[100];
        var receiving = new PlainOperation { Kind = IoKind.Receive, Memory = new byte[100] };
        var sending = new PlainOperation { Kind = IoKind.Send, Memory = bytes };
        long allocated = _driver.Call(() =>
        {
            ExchangePlainly(200);
            long before = GC.GetAllocatedBytesForCurrentThread();
            ExchangePlainly(2000);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.That(allocated, Is.Zero);

        void ExchangePlainly(int rounds)
        {
            for (int round = 0; round < rounds; round++)
            {
                receiving.Start(_driver.Reactor, first);
                sending.Start(_driver.Reactor, second);
                while (!receiving.HasEnded || !sending.HasEnded)
                {
                    _ = _driver.Reactor.Wait(ForeverNs, Any);
                    _driver.Reactor.Dispatch();
                }
            }
        }
    }

    [Test]
    public void Files_AreWrittenSyncedAndRead()
    {
        if (!_driver.Reactor.Supports(IoKind.ReadAt))
            Assert.Ignore("This reactor begins no operations on files.");
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var closed = new ManualResetEventSlim();
        var handle = Handle(TestSockets.NewFile(path), IoHandleKind.File, closed.Set);
        byte[] written = TestSockets.Pattern(1 << 20, 7);
        byte[] read = TestSockets.Pattern(1 << 20, 8);

        var write = new TestOperation(_driver, IoKind.WriteAt) { Memory = written.AsMemory(0, 1 << 19) };
        var writeRest = new TestOperation(_driver, IoKind.WriteVectoredAt) { Offset = 1 << 19, Vectors = Pieces(written, (1 << 19, 100), ((1 << 19) + 100, (1 << 19) - 100)), VectorCount = 2 };
        var (first, second) = (write.Start(handle), writeRest.Start(handle)); // any number at once
        Assert.That((End(first), End(second)), Is.EqualTo((1 << 19, 1 << 19)));
        if (_driver.Reactor.Supports(IoKind.Sync))
            Assert.That(End(Operation(IoKind.Sync).Start(handle)), Is.Zero);
        var readAll = new TestOperation(_driver, IoKind.ReadAt) { Memory = read };
        Assert.That(End(readAll.Start(handle)), Is.EqualTo(read.Length));
        Assert.That(read.AsSpan().SequenceEqual(written), Is.True);
        var readPieces = new TestOperation(_driver, IoKind.ReadVectoredAt) { Offset = 10, Vectors = Pieces(read, (0, 5), (100, 7)), VectorCount = 2 };
        Assert.That(End(readPieces.Start(handle)), Is.EqualTo(12));
        Assert.That(read.AsSpan(0, 5).SequenceEqual(written.AsSpan(10, 5)) && read.AsSpan(100, 7).SequenceEqual(written.AsSpan(15, 7)), Is.True);
        readAll.Offset = 1 << 20;
        Assert.That(End(readAll.Start(handle)), Is.Zero);
        handle.Close();
        Assert.That(closed.Wait(s_bound), Is.True);
        Assert.That(File.Exists(path), Is.False);
        Assert.That(handle.TryBegin(readAll), Is.EqualTo(IoBegin.Closed));
    }
}
