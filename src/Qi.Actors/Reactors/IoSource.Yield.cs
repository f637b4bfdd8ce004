// A run without an operation: whoever begins it has the result already, but the coroutine has used up its turn and is to go on in the next one.

using System.Runtime.CompilerServices;

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Reactors;

internal sealed partial class IoSource
{
    /// <summary>True if the running coroutine has used up its turn, so that even a result which is there has to be awaited: see <see cref="Yield"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MustYield() => ThreadContext.Existing is { Coroutine: not null } thread && thread.BudgetLeft-- <= 0;

    /// <summary>Takes the source for a run, if no other is in progress.</summary>
    public bool TryBegin()
    {
        if (Atomic.CompareExchange(ref _phase, Begun, Idle) != Idle)
            return false;
        Atomic.Write(ref _run, _run + 1);
        return true;
    }

    /// <summary>Ends a run that was begun, with a result that the coroutine gets in its next turn, through <see cref="Token"/>.</summary>
    public void Yield(int result)
    {
        Atomic.Write(ref _reason, ReasonOf(_run, NotAsked));
        _operation.Result = result;
        _isYielding = true;
        Atomic.Write(ref _phase, Done);
    }
}
