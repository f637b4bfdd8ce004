// Stand in for the framework's locks: the compiler finds them by their names, in the lock statement too. To take a lock is a step, at which
// the thread waits in the controller; to release it is a store, which may be delayed as any other.

using System.Runtime.CompilerServices;

using Qi.Actors.Model.Controller;

namespace System.Threading;

/// <summary>A lock under control.</summary>
public sealed class Lock
{
    private readonly LockState _state = new();

    public Scope EnterScope()
    {
        _state.Enter();
        return new Scope(_state);
    }

    public readonly ref struct Scope
    {
        private readonly LockState _state;

        internal Scope(LockState state) => _state = state;

        public void Dispose() => _state.Exit();
    }
}

/// <summary>The lock statement on any object, under control.</summary>
public static class Monitor
{
    private static readonly ConditionalWeakTable<object, LockState> s_states = [];

    public static void Enter(object target, ref bool isTaken)
    {
        s_states.GetOrCreateValue(target).Enter();
        isTaken = true;
    }

    public static void Exit(object target) => s_states.GetOrCreateValue(target).Exit();
}

/// <summary>Who has a lock. A thread that is not under control takes no notice of it, nor does a check.</summary>
internal sealed class LockState : IGate
{
    private readonly nuint _key = Keys.Next();
    private ModelThread? _owner;
    private int _depth;
    private bool _isReleasing;
    private Execution? _execution;
    private int _number;
    private ulong _id;
    private ulong _last;

    public long DeadlineNs => -1;

    public bool IsOpen(ModelThread thread) => _owner is null || (_owner == thread && !_isReleasing);

    public void TimeOut()
    {
    }

    public void Enter()
    {
        if (ModelThread.Current is not { } thread)
            return;
        Begin(thread);
        if (_owner == thread && !_isReleasing)
        {
            _depth++;
            return;
        }

        var site = thread.Execution.CallSite(StepKind.Lock);
        if (_owner == thread)
            thread.Execution.DrainOf(thread); // its own release is still on its way
        thread.Execution.Wait(thread, site, this, _key);
        if (thread.IsAbandoned)
            return;
        thread.Execution.DrainOf(thread);
        if (_id == 0)
            _id = Mixing.Mix((ulong)(thread.Index + 2) << 32, (ulong)thread.Operations | 1);
        thread.Execution.NoteStep(thread, site, _id, _last);
        _last = thread.Hash;
        _owner = thread;
        _depth = 1;
    }

    public void Exit()
    {
        if (ModelThread.Current is not { IsAbandoned: false } thread || _owner != thread)
            return;
        if (--_depth > 0)
            return;
        var site = thread.Execution.CallSite(StepKind.Unlock);
        thread.Execution.ReachRelease(thread, site);
        if (thread.Execution.StoreRelease(thread, site, _id, Release))
            Release();
        else
            _isReleasing = true;
        _last = thread.Hash;
    }

    private void Release()
    {
        _owner = null;
        _isReleasing = false;
    }

    // A lock may outlive an execution, if it belongs to something static.
    private void Begin(ModelThread thread)
    {
        if (_execution == thread.Execution && _number == thread.Execution.Number)
            return;
        (_execution, _number) = (thread.Execution, thread.Execution.Number);
        (_owner, _depth, _isReleasing, _id, _last) = (null, 0, false, 0, 0);
    }
}
