using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;

namespace Qi.Actors.Model.Scenarios;

/// <summary>One byte arrives, and then the event is told.</summary>
internal sealed class Kernel
{
    private int _available;

    public int Taken { get; private set; }

    public bool IsClosed { get; set; }

    public bool HasMore => _available > Taken;

    public void Arrive(IoHandle handle)
    {
        Atomic.Add(ref _available, 1);
        Readiness<KernelAttempt>.Signal(ref handle.Reading, hasEnded: false);
    }

    public int Try()
    {
        Must.Hold(!IsClosed, "A system call on a closed descriptor.");
        if (Atomic.Read(ref _available) == Taken)
            return -IoErrors.WouldBlock;
        Taken++;
        return 1;
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
