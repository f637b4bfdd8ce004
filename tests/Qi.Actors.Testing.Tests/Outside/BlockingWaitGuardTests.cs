using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

using Qi.Actors.Testing.Outside;

namespace Qi.Actors.Testing.Tests.Outside;

/// <summary>Waits in a turn throw and name their caller; waits elsewhere go on as ever.</summary>
public sealed class BlockingWaitGuardTests
{
    private static readonly Lock s_lock = new();
    private static readonly object s_monitor = new();

    private static readonly Dictionary<string, Action> s_waits = new(StringComparer.Ordinal)
    {
        ["Task.Wait"] = static () => Never().Wait(),
        ["Task.Result"] = static () => _ = Never().Result,
        ["GetAwaiter().GetResult()"] = static () => ((Task)Never()).GetAwaiter().GetResult(),
        ["Task.WaitAll"] = static () => Task.WaitAll(Never()),
        ["Task.WaitAny"] = static () => Task.WaitAny(Never()),
        ["ManualResetEventSlim.Wait"] = static () => new ManualResetEventSlim().Wait(),
        ["SemaphoreSlim.Wait"] = static () => new SemaphoreSlim(0).Wait(),
        ["WaitHandle.WaitOne"] = static () => new ManualResetEvent(false).WaitOne(),
        ["WaitHandle.WaitAny"] = static () => WaitHandle.WaitAny([new ManualResetEvent(false)]),
        ["CountdownEvent.Wait"] = static () => new CountdownEvent(1).Wait(),
        ["Barrier.SignalAndWait"] = static () => new Barrier(2).SignalAndWait(),
        ["BlockingCollection.Take"] = static () => new BlockingCollection<int>().Take(),
        ["Monitor.Wait"] = static () =>
        {
            lock (s_monitor)
                Monitor.Wait(s_monitor);
        },
    };

    private FakeHost _host = null!;

    private static IEnumerable<string> Waits => s_waits.Keys;

    [SetUp]
    public void Begin() => _host = new FakeHost();

    [TearDown]
    public void End() => _host.Dispose();

    [TestCaseSource(nameof(Waits))]
    public void Wait_InATurn_IsRefusedByName(string call)
    {
        var refused = WaitInTurn(s_waits[call]);
        Assert.That(refused.Call, Does.StartWith(call));
        Assert.That(refused.Call, Does.Contain($", called by {nameof(BlockingWaitGuardTests)}."));
        Assert.That(refused.Message, Does.Contain("Await instead of waiting"));
    }

    [Test]
    public void Lock_HeldByAnotherThread_IsRefusedByNameAndUsableAfterwards()
    {
        using (Holder.Of(s_lock.Enter, s_lock.Exit))
            Assert.That(WaitInTurn(TakeLock).Call, Is.EqualTo("Lock.Enter, called by BlockingWaitGuardTests.TakeLock"));
        _host.Turn(TakeLock);
        using (Holder.Of(static () => Monitor.Enter(s_monitor), static () => Monitor.Exit(s_monitor)))
            Assert.That(WaitInTurn(TakeMonitor).Call, Is.EqualTo("Monitor.Enter, called by BlockingWaitGuardTests.TakeMonitor"));
        _host.Turn(TakeMonitor);
    }

    [Test]
    public void Join_OfAThread_IsRefusedByName()
    {
        using var end = new ManualResetEventSlim();
        var thread = new Thread(end.Wait);
        thread.Start();
        Assert.That(WaitInTurn(() => thread.Join()).Call, Does.StartWith("Thread.Join, called by"));
        end.Set();
        thread.Join();
    }

    [Test]
    public void Lock_OfTheFrameworkHeldByAnotherThread_IsWaitedFor()
    {
        // A stream made safe by the framework takes a lock of its own around each call.
        var gate = new Gate();
        var writer = TextWriter.Synchronized(gate);
        var other = new Thread(() => writer.Write('x'));
        other.Start();
        gate.Entered.Wait();
        _host.Waiting = gate.Open;
        _host.Turn(() => writer.Write('y'));
        other.Join();
        Assert.That(gate.Written, Is.EqualTo(2));
    }

    [Test]
    public void Wait_InATurnOfTheFrameworkAlone_HasNoCaller()
    {
        using var never = new ManualResetEventSlim();
        CancellationTokenSource? cancel = null;
        _host.Turn(() =>
        {
            cancel = new CancellationTokenSource(1_000);
            cancel.Token.Register(never.Wait);
        });
        var failure = Assert.Catch<AggregateException>(() => _host.Advance(1_000));
        Assert.That(((BlockedTurnException)failure!.InnerException!).Call, Does.EndWith(".Wait, called by the framework itself"));
        cancel!.Dispose();
    }

    [Test]
    public void Wait_OutsideOfTurns_Waits()
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_host);
        try
        {
            using var done = new ManualResetEventSlim();
            var thread = new Thread(done.Set);
            thread.Start();
            done.Wait();
            thread.Join();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private BlockedTurnException WaitInTurn(Action wait)
    {
        BlockedTurnException? refused = null;
        _host.Turn(() =>
        {
            try
            {
                wait();
            }
            catch (BlockedTurnException e)
            {
                refused = e;
            }
        });
        Assert.That(refused, Is.Not.Null);
        return refused!;
    }

    private static Task<int> Never() => new TaskCompletionSource<int>().Task;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TakeLock()
    {
        lock (s_lock)
        {
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TakeMonitor()
    {
        lock (s_monitor)
        {
        }
    }

    /// <summary>Another thread that holds a lock until it is disposed.</summary>
    private sealed class Holder : IDisposable
    {
        private readonly ManualResetEventSlim _end = new();
        private readonly Thread _thread;

        private Holder(Action enter, Action exit, ManualResetEventSlim held)
        {
            _thread = new Thread(() =>
            {
                enter();
                held.Set();
                _end.Wait();
                exit();
            });
        }

        public static Holder Of(Action enter, Action exit)
        {
            using var held = new ManualResetEventSlim();
            var holder = new Holder(enter, exit, held);
            holder._thread.Start();
            held.Wait();
            return holder;
        }

        public void Dispose()
        {
            _end.Set();
            _thread.Join();
            _end.Dispose();
        }
    }

    /// <summary>A writer whose first write waits inside until it is let go.</summary>
    private sealed class Gate : TextWriter
    {
        private readonly ManualResetEventSlim _open = new();

        public ManualResetEventSlim Entered { get; } = new();

        public int Written { get; private set; }

        public override System.Text.Encoding Encoding => System.Text.Encoding.ASCII;

        public void Open() => _open.Set();

        public override void Write(char value)
        {
            Entered.Set();
            if (Written++ == 0)
                _open.Wait();
        }
    }
}
