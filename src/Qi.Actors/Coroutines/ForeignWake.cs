// Awaiting anything that is not ours: a Task, a ValueTask, any awaitable. Its awaiter wants a delegate; a coroutine keeps one
// for all such awaits, in a small object that knows which wait it would end.
//
// Cancelling such a wait has no help from the awaited thing: it goes on, and nothing can make its awaiter throw. So the await
// is abandoned: the wake object is cut off (its late call does nothing), and the awaiter that the compiler has kept in the
// state machine is replaced by one of a cancelled task of the same type; the state machine then resumes and throws at
// exactly that await. If the awaited thing has ended by then, its result is taken instead, so that none is lost, and the cancel
// is left for the next await. Abandoning needs awaiters we know how to make cancelled: those of Task and ValueTask. For any other the wait
// is marked as not cancellable, and the cancel is delivered at the next await.

using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.Coroutines;

/// <summary>A coroutine's continuation delegate for awaits of other task types.</summary>
internal sealed class ForeignWake
{
    private CoroutineBox? _root;
    private int _epoch;
    private int _firedEpoch;

    public ForeignWake(CoroutineBox root)
    {
        _root = root;
        Action = Fire;
    }

    /// <summary>What is given to the awaiter. Calls of it after <see cref="Abandon"/> do nothing.</summary>
    public Action Action { get; }

    /// <summary>Names the wait to end. Called before registration, by the owner.</summary>
    public void Target(int epoch) => Atomic.Write(ref _epoch, epoch);

    /// <summary>True if the awaited thing has ended: its result can be taken. Owner.</summary>
    public bool HasFired => Atomic.Read(ref _firedEpoch) == _epoch;

    /// <summary>Cuts the delegate off. Owner.</summary>
    public void Abandon() => Atomic.Write(ref _root, null);

    private void Fire()
    {
        int epoch = Atomic.Read(ref _epoch);
        Atomic.Write(ref _firedEpoch, epoch); // before the wake, so that the turn that it causes sees it
        Atomic.Read(ref _root)?.Wake(epoch);
    }
}

/// <summary>One such await while it is being registered. It has begun, so the coroutine may run elsewhere at any moment.</summary>
internal readonly struct ForeignAwait
{
    private readonly CoroutineBox _root;
    private readonly ForeignWake _wake;
    private readonly SynchronizationContext? _outer;
    private readonly int _epoch;
    private readonly bool _isCancellable;

    /// <summary>Begins the wait. <paramref name="wait"/> is null if it cannot be cancelled.</summary>
    public ForeignAwait(CoroutineBox leaf, ForeignWait? wait)
    {
        _outer = SynchronizationContext.Current;
        _root = leaf.Root;
        SynchronizationContext.SetSynchronizationContext(_root.Host.Pool.ForeignContext);
        _wake = _root.EnsureExtras().Foreign ??= new ForeignWake(_root);
        _wake.Target(_root.NextEpoch);
        _isCancellable = wait is not null;
        _epoch = _root.BeginWait(leaf, _isCancellable ? WaitKind.Event : WaitKind.Uncancellable, wait);
    }

    /// <summary>What is given to the awaiter.</summary>
    public Action Action => _wake.Action;

    /// <summary>Whatever the awaiter does, it happens without a context to come back to.</summary>
    public void RestoreContext() => SynchronizationContext.SetSynchronizationContext(_outer);

    /// <summary>The awaiter has it.</summary>
    public void Finish()
    {
        if (_isCancellable)
            _root.FinishWait(_epoch);
    }

    /// <summary>
    /// The awaiter has thrown: true if the exception goes to the coroutine, which runs on. False if the wait was ended meanwhile, by
    /// the awaiter itself or by a cancel: the coroutine goes on from there, and the exception is only reported.
    /// </summary>
    public bool TryRetract(Exception exception)
    {
        if (_root.TryRetractWait(_epoch))
        {
            _wake.Abandon();
            _root.EnsureExtras().Foreign = null;
            return true;
        }

        _root.Host.ReportAwaiter(exception);
        return false;
    }
}

/// <summary>What a coroutine waits for when it awaits another task type; one object per kind of awaiter.</summary>
internal abstract class ForeignWait
{
    /// <summary>Makes the pending await of a suspended frame throw when it resumes.</summary>
    public abstract void InjectCancellation(CoroutineBox leaf, OperationCanceledException cancellation);
}

/// <summary>The waits of one awaiter type.</summary>
internal sealed class ForeignWait<TAwaiter> : ForeignWait
{
    /// <summary>The one instance, or null if such a wait cannot be cancelled.</summary>
    public static readonly ForeignWait<TAwaiter>? Instance = CancelledAwaiters.IsKnown(typeof(TAwaiter)) ? new() : null;

    public override void InjectCancellation(CoroutineBox leaf, OperationCanceledException cancellation)
        => leaf.ReplaceAwaiters((TAwaiter)CancelledAwaiters.Make(typeof(TAwaiter), cancellation.CancellationToken)!);
}

/// <summary>Makes awaiters of cancelled tasks.</summary>
internal static class CancelledAwaiters
{
    private static readonly Type[] s_generic =
    [
        typeof(TaskAwaiter<>),
        typeof(ValueTaskAwaiter<>),
        typeof(ConfiguredTaskAwaitable<>.ConfiguredTaskAwaiter),
        typeof(ConfiguredValueTaskAwaitable<>.ConfiguredValueTaskAwaiter),
    ];

    private static readonly Type[] s_plain =
    [
        typeof(TaskAwaiter),
        typeof(ValueTaskAwaiter),
        typeof(ConfiguredTaskAwaitable.ConfiguredTaskAwaiter),
        typeof(ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter),
    ];

    /// <summary>True for the awaiters of Task and ValueTask. Without dynamic code only the non-generic ones can be made.</summary>
    public static bool IsKnown(Type awaiter)
        => s_plain.Contains(awaiter)
        || (RuntimeFeature.IsDynamicCodeSupported && awaiter.IsGenericType && s_generic.Contains(awaiter.GetGenericTypeDefinition()));

    /// <summary>An awaiter of that type whose GetResult throws.</summary>
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Reached with a generic awaiter only where dynamic code is supported (IsKnown).")]
    [UnconditionalSuppressMessage("Trimming", "IL2060", Justification = "The method called is this class's own.")]
    public static object Make(Type awaiter, CancellationToken token)
    {
        if (!awaiter.IsGenericType)
            return MakePlain(awaiter, Task.FromCanceled(token));
        var make = typeof(CancelledAwaiters).GetMethod(nameof(MakeGeneric), BindingFlags.NonPublic | BindingFlags.Static)!;
        return make.MakeGenericMethod(awaiter.GetGenericArguments()[^1]).Invoke(null, [awaiter, token])!;
    }

    private static object MakePlain(Type awaiter, Task cancelled)
    {
        if (awaiter == typeof(TaskAwaiter))
            return cancelled.GetAwaiter();
        if (awaiter == typeof(ValueTaskAwaiter))
            return new ValueTask(cancelled).GetAwaiter();
        if (awaiter == typeof(ConfiguredTaskAwaitable.ConfiguredTaskAwaiter))
            return cancelled.ConfigureAwait(false).GetAwaiter();
        return new ValueTask(cancelled).ConfigureAwait(false).GetAwaiter();
    }

    private static object MakeGeneric<T>(Type awaiter, CancellationToken token)
    {
        var cancelled = Task.FromCanceled<T>(token);
        if (awaiter == typeof(TaskAwaiter<T>))
            return cancelled.GetAwaiter();
        if (awaiter == typeof(ValueTaskAwaiter<T>))
            return new ValueTask<T>(cancelled).GetAwaiter();
        if (awaiter == typeof(ConfiguredTaskAwaitable<T>.ConfiguredTaskAwaiter))
            return cancelled.ConfigureAwait(false).GetAwaiter();
        return new ValueTask<T>(cancelled).ConfigureAwait(false).GetAwaiter();
    }
}
