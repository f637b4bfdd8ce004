namespace Qi.Actors.Platform.Tests;

/// <summary>An operation that only notes its end.</summary>
internal sealed class PlainOperation : IoOperation
{
    private bool _hasEnded;

    public bool HasEnded => Atomic.Read(ref _hasEnded);

    public void Start(Reactor reactor, IoHandle handle)
    {
        Atomic.Write(ref _hasEnded, false);
        if (handle.TryBegin(this) != IoBegin.Begun)
            throw new InvalidOperationException("The side is busy.");
        if (reactor.Submit(this))
            Atomic.Write(ref _hasEnded, true);
    }

    protected override void OnCompleted() => Atomic.Write(ref _hasEnded, true);

    protected override void RequestCancel(int use)
    {
    }
}
