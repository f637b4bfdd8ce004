// Waits of coroutines: a join against a cancel, messages against a receive, the stop of a system against a first suspension.

using Qi.Actors.Coroutines;
using Qi.Actors.Model.Controller;

namespace Qi.Actors.Model.Scenarios;

/// <summary>A coroutine joins another, which ends, and may be cancelled; then it waits for a permit that nobody gives.</summary>
internal sealed class JoinScenario(bool isCancelled) : Scenario
{
    private readonly Stage _stage = new();
    private CoroutineBox _target = null!;
    private CoroutineBox _box = null!;
    private int _joined;
    private int _cancelled;
    private int _resumed;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file);

    public override void SetUp(Execution execution)
    {
        var target = _stage.System.Spawn(Target());
        _target = target.Box;
        var turn = _stage.Pool.Inject.TryPop(Priority.Normal)!;
        _box = _stage.System.Spawn(Body(target)).Box;
        execution.Thread("worker", _stage.Work, mayBlock: true);
        execution.Thread("target", () => turn.Run(Scheduling.ThreadContext.Instance));
        if (isCancelled)
            execution.Thread("canceller", () => _box.Cancel());
    }

    public override void CheckEnd()
    {
        var waited = Waited.Of(_box);
        waited.CheckNotForgotten();
        Must.Hold(_target.IsDone, "The target has not ended.");
        Must.Hold(_resumed == 0, "The target's end has ended a later wait.");
        if (_box.State == CoroutineState.Cancelled)
            return; // before its first turn
        Must.Hold(_joined + _cancelled > 0, "It waits for what has ended.");
        Must.Hold(_cancelled == (isCancelled ? 1 : 0), $"The cancel was thrown {_cancelled} times.");
        Must.Hold(_box.IsDone || waited.IsWaiting, $"It is {_box.State}, and nobody runs it.");
        Must.Hold(_box.IsDone == (isCancelled && _joined == 1), $"It has joined {_joined} times and is {_box.State}.");
    }

    private static async Coroutine Target() => await Task.CompletedTask;

    private async Coroutine Body(JoinHandle target)
    {
        try
        {
            await target;
            _joined++;
        }
        catch (OperationCanceledException)
        {
            _cancelled++;
        }

        try
        {
            await Coroutine.SuspendAsync();
            _resumed++;
        }
        catch (OperationCanceledException)
        {
            _cancelled++;
        }
    }
}

/// <summary>A coroutine receives numbers, against those who send one each; something else waits in its inbox.</summary>
internal sealed class ReceiveScenario(int senders) : Scenario
{
    private readonly Stage _stage = new();
    private readonly List<int> _received = [];
    private CoroutineBox _box = null!;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file);

    public override void SetUp(Execution execution)
    {
        _box = _stage.System.Spawn(Body()).Box;
        _box.Tell("not asked for");
        execution.Thread("worker", _stage.Work, mayBlock: true);
        for (int i = 0; i < senders; i++)
        {
            int message = i;
            execution.Thread($"sender {i}", () => _box.Tell(message));
        }
    }

    public override void CheckEnd()
    {
        Waited.Of(_box).CheckNotForgotten();
        Must.Hold(_received.Distinct().Count() == _received.Count, "A message was received twice.");
        Must.Hold(_received.Count == senders, $"It has received {_received.Count} of {senders} messages.");
        Must.Hold(_box.State == CoroutineState.Completed, $"It is {_box.State}.");
    }

    private async Coroutine Body()
    {
        for (int i = 0; i < senders; i++)
            _received.Add(await Coroutine.ReceiveAsync<int>());
    }
}

/// <summary>A coroutine suspends for the first time while the system begins to cancel all there are.</summary>
internal sealed class CancelAllScenario : Scenario
{
    private readonly Stage _stage = new();
    private CoroutineBox _box = null!;
    private int _cancelled;

    // Here the way into the table of what lives is a part of the protocol.
    public override bool IsQuiet(string file, StepKind kind)
        => Stage.IsQuiet(file) && file != "CoroutineHost.cs" && !(file == "LiveTable.cs" && kind == StepKind.Write);

    public override void SetUp(Execution execution)
    {
        _box = _stage.System.Spawn(Body()).Box;
        execution.Thread("worker", _stage.Work, mayBlock: true);
        execution.Thread("stop", () =>
        {
            _stage.Host.BeginCancelling();
            _stage.Live.ForEach(item => ((CoroutineBox)item).CancelForStop());
        });
    }

    public override void CheckEnd()
    {
        Must.Hold(_cancelled <= 1, $"The stop was thrown {_cancelled} times.");
        Must.Hold(_box.IsDone, $"The stop has passed it by: it is {_box.State}.");
    }

    private async Coroutine Body()
    {
        try
        {
            await Coroutine.SuspendAsync();
        }
        catch (OperationCanceledException)
        {
            _cancelled++;
        }
    }
}

/// <summary>
/// A coroutine sleeps, is cancelled, and sleeps again: the timer of the first sleep is used for the second. Or there are two who run turns, so that
/// the turn that a cancel begins may overtake the one that goes to sleep.
/// </summary>
internal sealed class DelayScenario(int workers, int sleeps) : Scenario
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(1);

    private readonly Stage _stage = new();
    private Execution _execution = null!;
    private CoroutineBox _box = null!;
    private int _slept;
    private int _cancelled;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file);

    public override void SetUp(Execution execution)
    {
        _execution = execution;
        _box = _stage.System.Spawn(Body()).Box;
        for (int i = 0; i < workers; i++)
            execution.Thread($"worker {i}", _stage.Work, mayBlock: true);
        if (workers == 1)
            execution.Thread("timers", PassTime);
        execution.Thread("canceller", () => _box.Cancel());
        return;

        void PassTime()
        {
            WheelKeeper.Own(_stage.Pool.Dispatchers[0]);
            execution.Pass(s_delay * 2);
            WheelKeeper.Look(_stage.Pool.Dispatchers[0]);
        }
    }

    public override void CheckEnd()
    {
        Waited.Of(_box).CheckNotForgotten();
        Must.Hold(_cancelled <= 1, $"The cancel was thrown {_cancelled} times.");
        var dispatcher = _stage.Pool.Dispatchers[0];
        WheelKeeper.Own(dispatcher);
        WheelKeeper.ApplyControl(dispatcher);
        Must.Hold(_box.State == CoroutineState.Waiting || dispatcher.Timers.Count == 0, "Its timer is left in the wheel.");
        for (int i = 0; i < 3; i++)
        {
            WheelKeeper.Look(dispatcher);
            _execution.Pass(s_delay * 2);
            WheelKeeper.Look(dispatcher);
            _stage.WorkInSetUp();
        }

        Must.Hold(_box.IsDone, $"It is {_box.State}: its timer was lost.");
        Must.Hold(_box.State == CoroutineState.Cancelled || _slept + _cancelled == sleeps, $"It has slept {_slept} times and was cancelled {_cancelled} times.");
        Must.Hold(dispatcher.Timers.Count == 0, "A timer is left in the wheel.");
    }

    private async Coroutine Body()
    {
        for (int i = 0; i < sleeps; i++)
        {
            try
            {
                long from = _execution.NowNs;
                await Coroutine.DelayAsync(s_delay);
                Must.Hold(_execution.NowNs - from >= s_delay.TotalNanoseconds, "It was woken before its time.");
                _slept++;
            }
            catch (OperationCanceledException)
            {
                _cancelled++;
            }
        }
    }
}
