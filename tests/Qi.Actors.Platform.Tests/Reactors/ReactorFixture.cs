using System.Net.Sockets;

namespace Qi.Actors.Platform.Tests;

/// <summary>What every reactor does. Each test is a driver's reactor on one side, and the framework's blocking sockets on the other.</summary>
public abstract partial class ReactorFixture<T>
    where T : Reactor
{
    private static readonly TimeSpan s_bound = ReactorDriver.Bound;

    // What was opened in a test and is closed by it.
    private readonly List<IDisposable> _opened = [];
    private int _openHandles;
    private ReactorDriver _driver = null!;

    /// <summary>Makes the reactor; called on the thread that uses it.</summary>
    protected abstract T Create();

    /// <summary>True if it makes no garbage once it has been used for a while.</summary>
    protected virtual bool IsFrugal => true;

    /// <summary>True if it serves descriptors that are no sockets.</summary>
    protected virtual bool ServesPipes => true;

    /// <summary>True if a receive tells how long a datagram was that did not fit.</summary>
    protected virtual bool TellsWholeLength => true;

    /// <summary>True if connecting to a Unix socket whose listener's queue is full waits for room.</summary>
    protected virtual bool WaitsForRoomInAQueue => false;

    /// <summary>True if a long write lets other events come in between.</summary>
    protected virtual bool SharesWrites => true;

    /// <summary>True if waiting for something to read leaves a reset of the connection to the read that follows.</summary>
    protected virtual bool LeavesResetsToReads => true;

    /// <summary>True if the descriptors do not block.</summary>
    protected virtual bool HasNonBlockingDescriptors => _driver.Reactor.IsNonBlocking;

    [SetUp]
    public void StartDriver() => _driver = new ReactorDriver(Create);

    [TearDown]
    public void StopDriver()
    {
        foreach (var opened in _opened)
            opened.Dispose();
        _opened.Clear();
        bool areClosed = SpinWait.SpinUntil(() => Atomic.Read(ref _openHandles) == 0, s_bound);
        _driver?.Dispose();
        Assert.That(areClosed, Is.True, "A handle was closed, and its descriptor was not.");
    }

    private TestOperation Operation(IoKind kind) => new(_driver, kind);

    private TestOperation Receive(byte[] buffer) => new(_driver, IoKind.Receive) { Memory = buffer };

    private TestOperation Send(byte[] buffer) => new(_driver, IoKind.Send) { Memory = buffer };

    // A handle of the descriptor that the socket had; closed by the test or after it.
    private IoHandle Handle(Socket socket, IoHandleKind kind = IoHandleKind.Stream, Action? closed = null)
    {
        nint descriptor = TestSockets.Take(socket, HasNonBlockingDescriptors);
        _ = _opened.Remove(socket);
        return Handle(descriptor, kind, closed);
    }

    private IoHandle Handle(nint descriptor, IoHandleKind kind, Action? closed = null)
    {
        var handle = new IoHandle(
            descriptor,
            kind,
            own =>
            {
                TestSockets.Close(own);
                Atomic.Add(ref _openHandles, -1);
                closed?.Invoke();
            });
        Atomic.Add(ref _openHandles, 1);
        _driver.Reactor.Attach(handle);
        _opened.Add(handle);
        return handle;
    }

    private (IoHandle Handle, Socket Other) Connected(Action? closed = null)
    {
        var (own, other) = TestSockets.Connect();
        _opened.Add(other);
        return (Handle(own, IoHandleKind.Stream, closed), other);
    }

    private static int End(Task<int> operation)
    {
        Assert.That(((IAsyncResult)operation).AsyncWaitHandle.WaitOne(s_bound), Is.True, "The operation does not end.");
        return operation.GetAwaiter().GetResult();
    }

    private static SocketError ErrorOf(int result)
    {
        Assert.That(result, Is.Negative);
        return IoErrors.ToSocketError(-result);
    }

    // The driver has run everything that was posted before.
    private void Settle() => _driver.Call(() => 0);

    private static Thread Start(Action body)
    {
        var thread = new Thread(() => body()) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private static void Join(Thread thread) => Assert.That(thread.Join(s_bound), Is.True, "A thread does not end.");
}
