// A timer that one thread arms, another cancels, and a dispatcher's owner fires.

using System.Runtime.CompilerServices;

using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

/// <summary>What a dispatcher's loop does with its timers.</summary>
internal static class WheelKeeper
{
    /// <summary>The calling thread counts as the one that runs the dispatcher.</summary>
    public static void Own(Dispatcher dispatcher) => Thread(dispatcher) = ThreadContext.Instance;

    /// <summary>Applies control messages and fires what is due.</summary>
    public static void Look(Dispatcher dispatcher)
    {
        ApplyControl(dispatcher);
        dispatcher.Timers.FireDue(Clock.NowNs());
    }

    /// <summary>Applies control messages.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "ApplyControl")]
    public static extern void ApplyControl(Dispatcher dispatcher);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_thread")]
    private static extern ref ThreadContext? Thread(Dispatcher dispatcher);
}

/// <summary>One use of a timer, and a second one that it begins itself when it fires, against those who cancel the first.</summary>
/// <param name="isRemote">True if a thread that has no dispatcher arms it.</param>
/// <param name="cancellers">How many cancel.</param>
internal sealed class TimerScenario(bool isRemote, int cancellers) : Scenario
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(1);

    private readonly DispatcherPool _pool = Pools.Make(1);
    private Probe _timer = null!;
    private Execution _execution = null!;
    private int _first;
    private int _stopped;

    // Here the control messages are a part of the protocol.
    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file) && file is not ("MpscQueue.cs" or "Dispatcher.cs");

    public override void SetUp(Execution execution)
    {
        _execution = execution;
        _timer = new Probe(_pool, isRemote ? 1 : 2);
        _first = _timer.NextGeneration;
        execution.Thread("dispatcher", () => Own(execution));
        if (isRemote)
            execution.Thread("armer", () => _timer.Arm(_pool, s_delay));
        for (int i = 0; i < cancellers; i++)
            execution.Thread($"canceller {i}", Cancel);
    }

    public override void CheckEnd()
    {
        var dispatcher = _pool.Dispatchers[0];
        WheelKeeper.Own(dispatcher);
        WheelKeeper.ApplyControl(dispatcher);
        if (_stopped > 0)
            Must.Hold(dispatcher.Timers.Count == 0, "E3: a cancelled timer is left in the wheel.");
        for (int i = 0; i < 2; i++)
        {
            _execution.Pass(s_delay * 2);
            WheelKeeper.Look(dispatcher);
        }

        Must.Hold(_stopped <= 1, "Two have cancelled one use.");
        int expected = _stopped == 1 ? 0 : _timer.Uses;
        Must.Hold(_timer.Fired == expected, $"It fired {_timer.Fired} times and not {expected}; {_stopped} have cancelled it.");
        Must.Hold(dispatcher.Timers.Count == 0 && !_timer.IsPending, "It is armed, and will not fire.");
    }

    private void Cancel()
    {
        if (_timer.TryCancel(_first))
            _stopped++;
    }

    private void Own(Execution execution)
    {
        var dispatcher = _pool.Dispatchers[0];
        ThreadContext.Instance.TakeLease(dispatcher);
        WheelKeeper.Own(dispatcher);
        if (!isRemote)
            _timer.Arm(_pool, s_delay);
        execution.Pass(s_delay * 2);
        WheelKeeper.Look(dispatcher);
        execution.Pass(s_delay * 2);
        WheelKeeper.Look(dispatcher);
    }

    private sealed class Probe(DispatcherPool pool, int uses) : TimerEntry
    {
        public int Fired { get; private set; }

        public int Uses => uses;

        protected override void Fire(ThreadContext thread)
        {
            if (++Fired < uses)
                Arm(pool, s_delay); // E2
        }
    }
}

/// <summary>A periodic message is disposed of while its timer fires.</summary>
internal sealed class ScheduledTellScenario : Scenario
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(1);

    private readonly Stage _stage = new();
    private Execution _execution = null!;
    private StandIn<string> _actor = null!;
    private TimerEntry _tell = null!;
    private int _toldWhenDisposed = -1;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file);

    public override void SetUp(Execution execution)
    {
        _execution = execution;
        _actor = new StandIn<string>(_stage.System);
        _tell = new ScheduledTell<string>(_actor, "tick", s_period, s_period);
        var dispatcher = _stage.Pool.Dispatchers[0];
        WheelKeeper.Own(dispatcher);
        WheelKeeper.Look(dispatcher);
        execution.Thread("dispatcher", () =>
        {
            ThreadContext.Instance.TakeLease(dispatcher);
            WheelKeeper.Own(dispatcher);
            execution.Pass(s_period * 2);
            WheelKeeper.Look(dispatcher);
        });
        execution.Thread("disposer", () =>
        {
            ((IDisposable)_tell).Dispose();
            _toldWhenDisposed = _actor.Told;
        });
    }

    public override void CheckEnd()
    {
        var dispatcher = _stage.Pool.Dispatchers[0];
        WheelKeeper.Own(dispatcher);
        WheelKeeper.Look(dispatcher);
        Must.Hold(!_tell.IsPending && dispatcher.Timers.Count == 0, "It was disposed of, and its timer is armed.");
        Must.Hold(_actor.Told <= _toldWhenDisposed + 1, "It was disposed of, and goes on.");
    }
}
