using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Bytes arrive, and then the event is told.</summary>
/// <param name="failures">How many of the first bytes are lost to a failure that passes.</param>
internal sealed class Kernel(int failures = 0)
{
    private int _available;
    private int _gone;

    public int Taken => Math.Max(0, _gone - failures);

    public bool IsClosed { get; set; }

    public bool HasMore => _available > _gone;

    public void Arrive(IoHandle handle, int bytes = 1)
    {
        Atomic.Add(ref _available, bytes);
        IoSide.BeginSignals();
        Readiness<KernelAttempt>.Signal(ref handle.Reading, hasEnded: false);
    }

    public int Try()
    {
        Must.Hold(!IsClosed, "A system call on a closed descriptor.");
        if (Atomic.Read(ref _available) == _gone)
            return -IoErrors.WouldBlock;
        return _gone++ < failures ? -IoErrors.TooManyOpen : 1;
    }
}

/// <summary>A reactor whose events the kernel tells itself.</summary>
internal sealed class KernelReactor(Kernel kernel) : Reactor
{
    public Kernel Kernel => kernel;

    public override ReactorKind Kind => ReactorKind.Epoll;

    public override bool HasEvents => false;

    public override bool Submit(IoOperation operation) => Readiness<KernelAttempt>.Go(operation);

    public override void Cancel(IoOperation operation, int use) => Readiness<KernelAttempt>.Cancel(operation, use);

    public override void Attach(IoHandle handle)
    {
    }

    public override void Detach(IoHandle handle)
    {
    }

    public override int Wait(long timeoutNs, int mostEvents) => 0;

    public override void Dispatch()
    {
    }

    public override void Wake()
    {
    }

    public override void Dispose()
    {
    }
}

internal readonly struct KernelAttempt : IAttempt
{
    public static int Once(IoOperation operation) => ((KernelReactor)operation.Handle.Reactor!).Kernel.Try();
}
