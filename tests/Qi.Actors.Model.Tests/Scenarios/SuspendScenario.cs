// A coroutine that suspends twice, against two who resume it and one who cancels. A permit ends one suspension; several that are kept count
// as one; a cancel is thrown once; nothing of it is forgotten while the coroutine waits.

using Qi.Actors.Coroutines;
using Qi.Actors.Model.Controller;

namespace Qi.Actors.Model.Scenarios;

/// <param name="resumers">How many resume, once each.</param>
/// <param name="isCancelled">True if somebody cancels.</param>
/// <param name="workers">How many run turns.</param>
internal sealed class SuspendScenario(int resumers, bool isCancelled, int workers) : Scenario
{
    private readonly Stage _stage = new();
    private CoroutineBox _box = null!;
    private bool _hasBegun;
    private int _passed;
    private int _cancelled;
    private bool _isInTurn;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file);

    public override void SetUp(Execution execution)
    {
        _box = _stage.System.Spawn(Body()).Box;
        for (int i = 0; i < workers; i++)
            execution.Thread($"worker {i}", _stage.Work, mayBlock: true);
        for (int i = 0; i < resumers; i++)
            execution.Thread($"resumer {i}", _box.Resume);
        if (isCancelled)
            execution.Thread("canceller", () => _box.Cancel());
    }

    public override void CheckEnd()
    {
        var waited = Waited.Of(_box);
        waited.CheckNotForgotten();
        Must.Hold(_passed <= resumers, $"{resumers} permits have ended {_passed} suspensions.");
        Must.Hold(_cancelled <= 1 && (isCancelled || _cancelled == 0), $"The cancel was thrown {_cancelled} times.");
        Must.Hold(resumers == 0 || isCancelled || _passed > 0, "No permit has ended a suspension.");
        if (!_hasBegun)
            Must.Hold(_box.State == CoroutineState.Cancelled, "It has never run, and was not cancelled before its first turn.");
        else if (isCancelled)
            Must.Hold(_cancelled == 1 || (_box.IsDone && _passed == 2), "The cancel got lost.");
        Must.Hold(_box.IsDone || waited.IsWaiting, $"It is {_box.State}, and nobody runs it.");
    }

    private async Coroutine Body()
    {
        _hasBegun = true;
        for (int i = 0; i < 2; i++)
        {
            try
            {
                await Coroutine.SuspendAsync();
                _passed++;
            }
            catch (OperationCanceledException)
            {
                _cancelled++;
            }

            Must.Hold(!_isInTurn, "It is in two turns at once.");
            _isInTurn = true;
            Qi.Actors.Platform.Atomic.Pause();
            _isInTurn = false;
        }
    }
}

/// <summary>What can be seen of a coroutine at the end of an execution.</summary>
internal readonly record struct Waited(bool IsWaiting, bool HasCancel, bool HasPermit, WaitKind Kind)
{
    public static Waited Of(CoroutineBox box)
    {
        var word = new WaitWord(Parts.Wait(box));
        return new Waited(word.State == WaitState.Waiting, (box.Word & (1 << 2)) != 0, (box.Word & (1 << 3)) != 0, word.Kind);
    }

    public void CheckNotForgotten()
    {
        Must.Hold(!IsWaiting || !HasCancel, "It waits although it was cancelled.");
        Must.Hold(!IsWaiting || Kind != WaitKind.Suspend || !HasPermit, "It waits for a permit beside one.");
    }

    private static class Parts
    {
        [System.Runtime.CompilerServices.UnsafeAccessor(System.Runtime.CompilerServices.UnsafeAccessorKind.Field, Name = "_wait")]
        public static extern ref int Wait(CoroutineBox box);
    }
}
