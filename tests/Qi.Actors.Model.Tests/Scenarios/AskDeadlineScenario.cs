// The deadlines of a slot's two uses. The first one is asked on one dispatcher, which fixes its deadline late and fires its timer; its outcome is
// taken on another one, which uses the slot again at once, for a question with a shorter time that nobody answers. Each use has an outcome, none
// before its time, and none much later than it.

using System.Runtime.CompilerServices;

using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

/// <param name="isFirstAnswered">True if the first question is answered, and that soon; else it times out.</param>
/// <param name="isTimerLeft">True if the timer that was armed for the first question does not fire before the second one's time.</param>
internal sealed class AskDeadlineScenario(bool isFirstAnswered, bool isTimerLeft = false) : Scenario
{
    private static readonly TimeSpan s_firstTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_secondTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_late = TimeSpan.FromSeconds(1);

    private readonly Stage _stage = new(dispatchers: 2);
    private readonly Permits _asked = new(0, isCounted: true);
    private Execution _execution = null!;
    private StandIn<ReplyTo<int>> _actor = null!;
    private ReplyTo<int> _question;
    private ValueTask<int>? _first;
    private ValueTask<int>? _second;
    private long _secondFromNs;
    private bool _isChecked;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file) || file == "TimerEntry.cs";

    public override void SetUp(Execution execution)
    {
        _execution = execution;
        _actor = new StandIn<ReplyTo<int>>(_stage.System, Take);
        execution.Thread("dispatcher 0", AskFirst);
        execution.Thread("dispatcher 1", AskSecond);
    }

    public override void CheckStep()
    {
        if (_isChecked || _second is not { IsCompleted: true })
            return;
        _isChecked = true;
        Must.Hold(_execution.NowNs - _secondFromNs >= s_secondTime.TotalNanoseconds, "The second question timed out before its time.");
    }

    public override void CheckEnd()
    {
        _execution.Pass(s_late);
        KeepAll(isFixing: true);
        _execution.Pass(s_secondTime + s_late);
        KeepAll(isFixing: false);
        Must.Hold(_second is { IsCompleted: true }, "The second question did not time out when its time had come.");
        _execution.Pass(s_firstTime + s_late);
        KeepAll(isFixing: true);
        foreach (var dispatcher in _stage.Pool.Dispatchers)
            Must.Hold(dispatcher.Timers.Count == 0, "A timer is armed and nobody waits.");
    }

    private TellStatus Take(ReplyTo<int> question)
    {
        Atomic.Fence(); // D2: what a mailbox does
        _question = question;
        return TellStatus.Accepted;
    }

    private void AskFirst()
    {
        var dispatcher = Begin(0);
        Keep(out _first, Ask(s_firstTime));
        _asked.Give();
        PendingParts.Fix(dispatcher);
        if (isTimerLeft)
            return;
        if (!isFirstAnswered)
            _execution.Pass(s_firstTime + s_late);
        WheelKeeper.Look(dispatcher);
        PendingParts.Fix(dispatcher);
        _execution.Pass(s_firstTime + s_late);
        WheelKeeper.Look(dispatcher);
    }

    private void AskSecond()
    {
        var dispatcher = Begin(1);
        _asked.Take();
        if (isFirstAnswered)
            _question.Tell(1);
        var context = new PermitContext();
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            context.Await(_first!.Value);
        }
        catch (AskTimeoutException)
        {
            // It was faster.
        }

        SynchronizationContext.SetSynchronizationContext(null);
        _secondFromNs = _execution.NowNs;
        Keep(out _second, Ask(s_secondTime));
        PendingParts.Fix(dispatcher);
    }

    private ValueTask<int> Ask(TimeSpan timeout) => _actor.AskAsync<int>(static reply => reply, timeout);

    private static void Keep(out ValueTask<int>? place, ValueTask<int> ask) => place = ask;

    private Dispatcher Begin(int number)
    {
        var dispatcher = _stage.Pool.Dispatchers[number];
        ThreadContext.Instance.TakeLease(dispatcher);
        WheelKeeper.Own(dispatcher);
        return dispatcher;
    }

    private void KeepAll(bool isFixing)
    {
        for (int i = 0; i < 2; i++)
        {
            foreach (var dispatcher in _stage.Pool.Dispatchers)
            {
                WheelKeeper.Own(dispatcher);
                if (isFixing)
                    PendingParts.Fix(dispatcher);
                WheelKeeper.Look(dispatcher);
            }
        }
    }

    private static class PendingParts
    {
        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "FixPending")]
        public static extern void Fix(Dispatcher dispatcher);
    }
}
