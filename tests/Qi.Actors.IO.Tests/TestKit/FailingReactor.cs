using System.Collections.Concurrent;

using Qi.Actors.Platform;
using Qi.Actors.Platform.Linux;
using Qi.Actors.Scheduling;

namespace Qi.Actors.IO.Tests.TestKit;

/// <summary>A reactor whose operations of one kind fail as the test says, before they reach the operating system.</summary>
internal sealed class FailingReactor : Reactor
{
    private readonly Reactor _inner;
    private readonly ConcurrentQueue<int> _failures;
    private readonly ConcurrentQueue<int> _attachFailures;
    private readonly IoKind _kind;

    private FailingReactor(Reactor inner, ConcurrentQueue<int> failures, ConcurrentQueue<int> attachFailures, IoKind kind)
    {
        _kind = kind;
        _inner = inner;
        _failures = failures;
        _attachFailures = attachFailures;
    }

    public override ReactorKind Kind => _inner.Kind;

    public override bool HasEvents => _inner.HasEvents;

    /// <summary>Options of a system whose accepts, or what else is said, take a failure from the queue as long as there is one, and so do connections when they are attached.</summary>
    public static QiActorsOptions OptionsFor(ConcurrentQueue<int> failures, ConcurrentQueue<int>? attachFailures = null, IoKind kind = IoKind.Accept) => new()
    {
        WorkerThreads = 2,
        ReactorPlan = () => new ReactorPlan(ReactorKind.Epoll, IsThreadBound: false, IsNonBlocking: true, "a test says so.", () => Make(failures, attachFailures ?? [], kind)),
    };

    public override void Attach(IoHandle handle)
    {
        if (handle.Kind == IoHandleKind.Stream && _attachFailures.TryDequeue(out int failure))
            throw new PlatformException("epoll_ctl", failure, "A test says that this descriptor could not be registered", "Change the test.");
        _inner.Attach(handle);
        handle.Reactor = this;
    }

    internal override bool CanTellAgain => _inner.CanTellAgain;

    internal override void TellAgain(IoHandle handle) => _inner.TellAgain(handle);

    public override void Detach(IoHandle handle) => _inner.Detach(handle);

    public override bool Submit(IoOperation operation)
    {
        if (operation.Kind != _kind || !_failures.TryDequeue(out int failure))
            return _inner.Submit(operation);
        operation.Result = -failure;
        operation.Handle.End(operation);
        return true;
    }

    public override void Cancel(IoOperation operation, int use) => _inner.Cancel(operation, use);

    public override int Wait(long timeoutNs, int mostEvents) => _inner.Wait(timeoutNs, mostEvents);

    public override void Dispatch() => _inner.Dispatch();

    public override void Wake() => _inner.Wake();

    public override void Dispose() => _inner.Dispose();

    private static FailingReactor Make(ConcurrentQueue<int> failures, ConcurrentQueue<int> attachFailures, IoKind kind)
        => OperatingSystem.IsLinux() ? new FailingReactor(new EpollReactor(), failures, attachFailures, kind) : throw new PlatformNotSupportedException("These tests need Linux.");
}
