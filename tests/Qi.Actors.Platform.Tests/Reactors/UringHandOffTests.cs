using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Linux;

namespace Qi.Actors.Platform.Tests;

/// <summary>Another thread takes a reactor over, whose owner is stuck in a turn with operations in progress.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class UringHandOffTests
{
    private const long ForeverNs = -1;
    private static readonly TimeSpan s_bound = ReactorDriver.Bound;

    private readonly List<IDisposable> _opened = [];
    private StepThread _owner = null!;
    private StepThread _successor = null!;
    private UringReactor _subject = null!;

    /// <summary>What the owner is stuck in.</summary>
    public enum Turn
    {
        Sleeps,
        Computes,
        Ends,
    }

    [OneTimeSetUp]
    public void NeedARing() => UringHere.Need();

    [SetUp]
    public void MakeThreads()
    {
        _owner = new StepThread();
        _successor = new StepThread();
        _owner.Run(() => _subject = new UringReactor());
    }

    [TearDown]
    public void EndThreads()
    {
        foreach (var opened in _opened)
            opened.Dispose();
        _opened.Clear();
        _owner?.Dispose();
        _successor?.Run(_subject.Dispose);
        _successor?.Dispose();
    }

    [Test]
    public void Succeed_WithReceivesInProgress_GetsTheirBytes([Values] Turn turn, [Values] bool areFlushed)
    {
        const int Count = 20;
        var ends = Enumerable.Range(0, Count).Select(_ => Connected()).ToArray();
        var operations = ends.Select(_ => new PlainOperation { Kind = IoKind.Receive, Memory = new byte[8] }).ToArray();
        _owner.Run(() =>
        {
            for (int index = 0; index < Count; index++)
                operations[index].Start(_subject, ends[index].Handle);
            if (areFlushed)
                _ = _subject.Wait(0, 64);
        });
        using var stuck = Stick(turn);
        TakeOver();
        for (int index = 0; index < Count; index++)
            ends[index].Other.Send(BitConverter.GetBytes(index));
        DispatchUntil(() => operations.All(operation => operation.HasEnded));
        for (int index = 0; index < Count; index++)
        {
            Assert.That(operations[index].Result, Is.EqualTo(sizeof(int)));
            Assert.That(BitConverter.ToInt32(operations[index].Memory.Span), Is.EqualTo(index));
        }

        Assert.That(_subject.InProgress, Is.Zero);
    }

    [Test]
    public void Succeed_WithALargeSendInProgress_SendsEachByteOnce([Values] Turn turn)
    {
        byte[] sent = TestSockets.Pattern(10 << 20, 1);
        var (handle, other) = Connected();
        var operation = new PlainOperation { Kind = IoKind.Send, Memory = sent };
        _owner.Run(() =>
        {
            operation.Start(_subject, handle);
            _ = _subject.Wait(0, 64);
        });
        Assert.That(TestSockets.ReceiveAll(other, 1 << 20).AsSpan().SequenceEqual(sent.AsSpan(0, 1 << 20)), Is.True);
        using var stuck = Stick(turn);
        TakeOver();
        var rest = Task.Run(() => TestSockets.ReceiveAll(other, sent.Length - (1 << 20)));
        DispatchUntil(() => operation.HasEnded);
        Assert.That(operation.Result, Is.EqualTo(sent.Length));
        Assert.That(rest.Wait(s_bound), Is.True);
        Assert.That(rest.Result.AsSpan().SequenceEqual(sent.AsSpan(1 << 20)), Is.True);
        Assert.That(other.Available, Is.Zero);
    }

    [Test]
    public void Succeed_ThenCancel_EndsWhatTheOwnerHasSubmitted([Values] Turn turn)
    {
        var (handle, other) = Connected();
        var operation = new PlainOperation { Kind = IoKind.Receive, Memory = new byte[8] };
        _owner.Run(() =>
        {
            operation.Start(_subject, handle);
            _ = _subject.Wait(0, 64);
        });
        using var stuck = Stick(turn);
        TakeOver();
        _successor.Run(() => _subject.Cancel(operation, operation.Use));
        DispatchUntil(() => operation.HasEnded);
        Assert.That(operation.Result, Is.EqualTo(-IoErrors.Canceled));
        _successor.Run(() => operation.Start(_subject, handle));
        other.Send([1, 2]);
        DispatchUntil(() => operation.HasEnded);
        Assert.That(operation.Result, Is.EqualTo(2));
    }

    [Test]
    public void Wake_AfterSucceed_EndsTheSuccessorsWait([Values] Turn turn)
    {
        _owner.Run(() => _ = _subject.Wait(0, 64));
        using var stuck = Stick(turn);
        TakeOver();
        for (int round = 0; round < 20; round++)
        {
            var waited = _successor.Begin(() =>
            {
                _ = _subject.Wait(ForeverNs, 64);
                _subject.Dispatch();
            });
            _subject.Wake();
            Assert.That(waited.Wait(s_bound), Is.True);
        }
    }

    [Test]
    public void Succeed_ToAndFro_LosesNoByte()
    {
        const int Rounds = 200;
        var (handle, other) = Connected();
        var operation = new PlainOperation { Kind = IoKind.Receive, Memory = new byte[8] };
        for (int round = 0; round < Rounds; round++)
        {
            (_owner, _successor) = (_successor, _owner);
            _owner.Run(() =>
            {
                _subject.Succeed();
                operation.Start(_subject, handle);
                _ = _subject.Wait(0, 64);
                _subject.Dispatch();
            });
            using var stuck = Stick(round % 2 == 0 ? Turn.Sleeps : Turn.Computes);
            TakeOver();
            other.Send(BitConverter.GetBytes(round));
            DispatchUntil(() => operation.HasEnded);
            Assert.That(BitConverter.ToInt32(operation.Memory.Span), Is.EqualTo(round));
        }
    }

    private (IoHandle Handle, Socket Other) Connected()
    {
        var (own, other) = TestSockets.Connect();
        var handle = new IoHandle(TestSockets.Take(own, isNonBlocking: false), IoHandleKind.Stream, closed => TestSockets.Close(closed.Value));
        _subject.Attach(handle);
        _opened.Add(other);
        _opened.Add(handle);
        return (handle, other);
    }

    private void TakeOver() => _successor.Run(() => _subject.Succeed());

    private void DispatchUntil(Func<bool> isOver) => _successor.Run(() =>
    {
        while (!isOver())
        {
            _ = _subject.Wait(ForeverNs, 64);
            _subject.Dispatch();
        }
    });

    // The owner does this until what is returned is disposed of.
    private Stuck Stick(Turn turn)
    {
        if (turn == Turn.Ends)
        {
            _owner.Dispose();
            return new Stuck(null, () => { });
        }

        bool isOver = false;
        var gate = new ManualResetEventSlim();
        using var about = new ManualResetEventSlim();
        var done = _owner.Begin(() =>
        {
            about.Set();
            if (turn == Turn.Sleeps)
                gate.Wait();
            while (turn == Turn.Computes && !Atomic.Read(ref isOver))
                Atomic.Pause();
        });
        Assert.That(about.Wait(s_bound), Is.True);
        return new Stuck(done, () =>
        {
            Atomic.Write(ref isOver, true);
            gate.Set();
        });
    }

    private sealed class Stuck(Task? turn, Action release) : IDisposable
    {
        public void Dispose()
        {
            release();
            Assert.That(turn?.Wait(s_bound), Is.Not.False);
        }
    }

    // A thread that takes one step after the other.
    private sealed class StepThread : IDisposable
    {
        private readonly BlockingCollection<Action> _steps = [];
        private readonly Thread _thread;

        public StepThread()
        {
            _thread = new Thread(() =>
            {
                foreach (var step in _steps.GetConsumingEnumerable())
                    step();
            })
            {
                IsBackground = true,
            };
            _thread.Start();
        }

        public Task Begin(Action action)
        {
            var step = new Task(action);
            _steps.Add(() => step.RunSynchronously(TaskScheduler.Default));
            return step;
        }

        public void Run(Action action) => Assert.That(Begin(action).Wait(s_bound), Is.True, "A step does not end.");

        public void Dispose()
        {
            _steps.CompleteAdding();
            Assert.That(_thread.Join(s_bound), Is.True);
        }
    }
}
