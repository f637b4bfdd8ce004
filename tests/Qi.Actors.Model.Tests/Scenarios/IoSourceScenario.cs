// Two reads one after the other through a source, by a coroutine or by a thread that is none, against the event that ends the first, and those who want it ended: a
// cancel of the coroutine, a deadline of the first read, a close. The second read has nothing to read, and waits unless it is ended too.
//
// With failures the first bytes are lost to a shortage that passes: the read that meets one pauses, and a dispatcher's timer has it try again. Who wants a read to end does
// not wait for that timer: what must hold of ends holds before the time has passed.

using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;
using Qi.Actors.Reactors;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Who else wants a read to end.</summary>
[Flags]
internal enum Enders
{
    None = 0,
    Coroutine = 1,
    Deadline = 2,
    Close = 4,
}

/// <param name="enders">Who is there beside the event.</param>
/// <param name="isOutside">True if the reader is no coroutine.</param>
/// <param name="failures">How many of the bytes are lost to a failure after which the read goes on.</param>
/// <param name="bytes">How many arrive.</param>
internal sealed class IoSourceScenario(Enders enders, bool isOutside = false, int failures = 0, int bytes = 1) : Scenario, IIoOwner
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    private readonly Stage _stage = new();
    private readonly Permits _firstWaits = new(0, isCounted: false);
    private readonly Permits _goesOn = new(0, isCounted: true);
    private readonly List<string> _outcomes = [];
    private Kernel _kernel = null!;
    private IoSource _source = null!;
    private Coroutines.CoroutineBox? _box;
    private Execution _execution = null!;
    private bool _isClosed;
    private int _begun;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file);

    public override void SetUp(Execution execution)
    {
        Reactors.IoWait.Register();
        _execution = execution;
        _kernel = new Kernel(failures);
        var handle = new IoHandle(0, IoHandleKind.Stream, _ => Closed()) { Reactor = new KernelReactor(_kernel) };
        _source = new IoSource(_stage.Pool, handle, this) { Retry = failures == 0 ? null : static (error, _) => error == IoErrors.TooManyOpen ? s_pause : -s_pause };
        if (!isOutside)
            _box = _stage.System.Spawn(ReadTwice()).Box;
        else
            execution.Thread("reader", ReadOutside, mayBlock: true);
        execution.Thread("worker", _stage.Work, mayBlock: true);
        execution.Thread("reactor", () => _kernel.Arrive(handle, bytes));
        if (failures > 0)
            execution.Thread("dispatcher", LookAtTimers);
        if (enders.HasFlag(Enders.Coroutine))
            execution.Thread("canceller", () => _box!.Cancel());
        if (enders.HasFlag(Enders.Close))
            execution.Thread("closer", handle.Close);
        if (enders.HasFlag(Enders.Deadline))
            execution.Thread("deadline", EndFirst, mayBlock: true);
    }

    public string Describe(IoKind kind) => "Reading";

    public Exception Failure(IoKind kind, int error) => new IOException($"{error}");

    public override void CheckEnd()
    {
        CheckEnds();
        if (failures > 0)
        {
            var dispatcher = _stage.Pool.Dispatchers[0];
            WheelKeeper.Own(dispatcher);
            for (int i = 0; i <= failures; i++)
            {
                WheelKeeper.ApplyControl(dispatcher);
                _execution.Pass(s_pause * 2);
                WheelKeeper.Look(dispatcher);
                _stage.WorkInSetUp();
            }

            Must.Hold(dispatcher.Timers.Count == 0, "A pause is left.");
            CheckEnds();
        }

        Must.Hold(_begun == _outcomes.Count || !_kernel.HasMore, "It waits beside something to read.");
    }

    private void CheckEnds()
    {
        if (_box is { } box)
        {
            Waited.Of(box).CheckNotForgotten();
            if (_begun == 0)
                return; // cancelled before its first turn
            Must.Hold(box.IsDone || Waited.Of(box).IsWaiting, $"It is {box.State}, and nobody runs it.");
        }

        bool isWaiting = _begun > _outcomes.Count;
        Must.Hold(_begun - _outcomes.Count is 0 or 1, $"{_begun} reads were begun and {_outcomes.Count} have ended.");
        Must.Hold(!isWaiting || !enders.HasFlag(Enders.Close), "It waits at a closed descriptor.");
        Must.Hold(_outcomes.Count(static outcome => outcome == "read") == _kernel.Taken, $"{_kernel.Taken} bytes were read, and the reader has {string.Join(", ", _outcomes)}.");
        Must.Hold(Count("cancelled") <= (enders.HasFlag(Enders.Coroutine) ? 1 : 0), "A cancel has ended several reads, or one that was not meant.");
        Must.Hold(!enders.HasFlag(Enders.Coroutine) || Count("cancelled") == 1 || _outcomes.Count == 2, "The cancel got lost.");
        Must.Hold(_outcomes.IndexOf("late") <= 0 && Count("late") <= (enders.HasFlag(Enders.Deadline) ? 1 : 0), "The deadline has ended a read that has none.");
        Must.Hold(Count("closed") == 0 || enders.HasFlag(Enders.Close), "A read has ended for no reason.");
        Must.Hold(_isClosed == enders.HasFlag(Enders.Close), $"The descriptor is closed: {_isClosed}.");
    }

    private int Count(string outcome) => _outcomes.Count(each => each == outcome);

    private void Closed()
    {
        Must.Hold(!_isClosed, "The descriptor was closed twice.");
        _isClosed = _kernel.IsClosed = true;
        _source.OnHandleClosed();
    }

    private void EndFirst()
    {
        _firstWaits.Take();
        _source.TimeOut(1);
    }

    private void LookAtTimers()
    {
        var dispatcher = _stage.Pool.Dispatchers[0];
        WheelKeeper.Own(dispatcher); // without a lease: whom a timer wakes is the worker's
        _execution.Pass(s_pause * 2);
        WheelKeeper.Look(dispatcher);
    }

    private ValueTask<int> Begin()
    {
        _source.Begin();
        _source.Wanted.Kind = IoKind.WaitReadable;
        _begun++;
        var read = _source.RunAsync(Timeout.InfiniteTimeSpan, CancellationToken.None);
        if (_begun == 1 && !read.IsCompleted && _source.Wanted.Use != 0) // a run that is held has no deadline yet
            _firstWaits.Give();
        return read;
    }

    private async Coroutine ReadTwice()
    {
        for (int i = 0; i < 2; i++)
        {
            try
            {
                await Begin();
                _outcomes.Add("read");
            }
            catch (Exception e) when (e is not ModelFailureException)
            {
                _outcomes.Add(NameOf(e));
            }
        }
    }

    private void ReadOutside()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        for (int i = 0; i < 2; i++)
        {
            try
            {
                Await(Begin());
                _outcomes.Add("read");
            }
            catch (Exception e) when (e is not ModelFailureException)
            {
                _outcomes.Add(NameOf(e));
            }
        }
    }

    private void Await(ValueTask<int> read)
    {
        var awaiter = read.GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            awaiter.UnsafeOnCompleted(() => _goesOn.Give());
            _goesOn.Take();
        }

        _ = awaiter.GetResult();
    }

    private static string NameOf(Exception e) => e switch
    {
        OperationCanceledException => "cancelled",
        TimeoutException => "late",
        IOException => "closed",
        _ => throw new ModelFailureException($"There cannot be such an outcome: {e.Message}"),
    };}
