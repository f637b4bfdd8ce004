// The reactors of a pool: which dispatcher serves a handle, how an operation finds its reactor, and what is open when the pool ends.
//
// A reactor that any thread may use serves a handle for good: handles are dealt out to the dispatchers by turns, so a busy listener's connections spread. One that is
// bound to its thread serves an operation, not a handle: the dispatcher that runs the submitter takes it, so its completion comes back to where it is waited for; from
// other threads it is sent to a dispatcher as a control message.

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>An operation that knows which dispatcher has begun it.</summary>
internal abstract class DispatcherOperation : IoOperation
{
    /// <summary>Whose reactor has it; null if its handle has one of its own. Written before it is submitted.</summary>
    public Dispatcher? Server;

    /// <summary>It has ended, though it was begun as one that would end later.</summary>
    public void EndLater() => OnCompleted();
}

/// <summary>The reactors of a pool's dispatchers.</summary>
internal sealed class ReactorSet
{
    private readonly DispatcherPool _pool;
    private readonly Action<IoHandle> _release;
    private readonly Lock _lock = new();
    private readonly HashSet<IoHandle> _open = [];
    private ReactorPlan? _plan;
    private int _next;
    private bool _isClosed;

    public ReactorSet(DispatcherPool pool)
    {
        _pool = pool;
        _release = Release;
    }

    /// <summary>What the reactors are built on, and why; decided at first use.</summary>
    public ReactorPlan Plan => Atomic.Read(ref _plan) ?? Decide();

    /// <summary>How many handles are open.</summary>
    public int OpenCount
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    /// <summary>Owns a descriptor from now on.</summary>
    /// <param name="descriptor">The operating system's number.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="close">Called once when nobody uses it any more, by any thread; must end in <see cref="Release"/>. Null for that alone.</param>
    public IoHandle Own(nint descriptor, IoHandleKind kind, Action<IoHandle>? close = null) => new(descriptor, kind, close ?? _release);

    /// <summary>Closes a descriptor in the operating system.</summary>
    public void Release(IoHandle handle)
    {
        lock (_lock)
            _open.Remove(handle);
        NativeSockets.Close(handle.Value);
    }

    /// <summary>A handle is served from now on.</summary>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    public void Attach(IoHandle handle)
    {
        RequireReal();
        lock (_lock)
        {
            RequireOpen(!_isClosed);
            _open.Add(handle);
        }

        RequireOpen(handle.TryUse()); // a stop may close it at any moment: not while the reactor takes it
        try
        {
            if (Plan.IsThreadBound)
                EnsureAll();
            else
                _pool.Dispatchers[(uint)Atomic.Add(ref _next, 1) % (uint)_pool.Dispatchers.Length].EnsureReactor().Attach(handle);
        }
        catch
        {
            handle.Close();
            throw;
        }
        finally
        {
            handle.EndUse();
        }
    }

    /// <summary>Begins an operation; see <see cref="Reactor.Submit"/>. Any thread.</summary>
    public bool Submit(DispatcherOperation operation)
    {
        if (operation.Handle.Reactor is { } home)
            return home.Submit(operation);
        var thread = ThreadContext.Existing;
        if (thread is not null && thread.TryEnter(_pool, out var dispatcher, out int before))
        {
            operation.Server = dispatcher;
            bool hasEnded = dispatcher.Reactor!.Submit(operation); // there since its handle was attached
            thread.Exit(before);
            return hasEnded;
        }

        var server = _pool.AnyDispatcher();
        operation.Server = server;
        server.Send(new SubmitMessage(operation));
        return false;
    }

    /// <summary>Asks for the end of a use; see <see cref="Reactor.Cancel"/>. Any thread.</summary>
    public static void Cancel(DispatcherOperation operation, int use)
    {
        if (operation.Handle.Reactor is { } home)
            home.Cancel(operation, use);
        else
            Atomic.Read(ref operation.Server)?.Send(new CancelMessage(operation, use));
    }

    /// <summary>The pool ends: what is still open is closed, and nothing more is opened.</summary>
    public void CloseAll()
    {
        IoHandle[] left;
        lock (_lock)
        {
            _isClosed = true;
            left = [.. _open];
        }

        foreach (var handle in left)
            handle.Close();
    }

    /// <summary>Makes the reactor of a dispatcher, if it has none.</summary>
    public Reactor MakeFor(ref Reactor? place)
    {
        lock (_lock)
        {
            if (place is { } there)
                return there;
            var made = Plan.Make();
            Atomic.Write(ref place, made);
            return made;
        }
    }

    // Any dispatcher may come to serve an operation: that its reactor cannot be made must show when something is opened, not then.
    private void EnsureAll()
    {
        foreach (var dispatcher in _pool.Dispatchers)
            dispatcher.EnsureReactor();
    }

    private ReactorPlan Decide()
    {
        lock (_lock)
        {
            if (_plan is { } decided)
                return decided;
            var plan = _pool.Settings.Reactors();
            SchedulingLog.ReactorChosen(_pool.Logger, plan.Kind, plan.Reason);
            Atomic.Write(ref _plan, plan);
            return plan;
        }
    }

    private void RequireOpen(bool isOpen)
    {
        if (!isOpen)
            throw new ObjectDisposedException(_pool.Settings.Name, "The actor system has stopped: it opens nothing any more.");
    }

    /// <summary>Refuses a simulated system, which has no real input and output.</summary>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    public void RequireReal()
    {
        if (_pool.Driver is not null)
            throw new InvalidOperationException("A simulated system has no real input and output: use a stand-in for what would read or write, such as a probe.");
    }

    private sealed class SubmitMessage(DispatcherOperation operation) : DispatcherMessage
    {
        public override void Apply(Dispatcher dispatcher)
        {
            if (dispatcher.Reactor!.Submit(operation))
                operation.EndLater();
        }
    }

    private sealed class CancelMessage(DispatcherOperation operation, int use) : DispatcherMessage
    {
        public override void Apply(Dispatcher dispatcher) => dispatcher.Reactor?.Cancel(operation, use);
    }
}

/// <summary>What a pool's reactors are built on.</summary>
/// <param name="Kind">The system's interface.</param>
/// <param name="IsThreadBound">As <see cref="Reactor.IsThreadBound"/>.</param>
/// <param name="IsNonBlocking">As <see cref="Reactor.IsNonBlocking"/>.</param>
/// <param name="Reason">Why this one: a sentence for the log.</param>
/// <param name="Make">Makes one.</param>
internal sealed record ReactorPlan(ReactorKind Kind, bool IsThreadBound, bool IsNonBlocking, string Reason, Func<Reactor> Make);
