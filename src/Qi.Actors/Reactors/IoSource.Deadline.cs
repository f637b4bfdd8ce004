using Qi.Actors.Platform;

namespace Qi.Actors.Reactors;

internal sealed partial class IoSource
{
    private IoDeadline? _deadline;
    private bool _hasDeadline;

    private void SetDeadline(TimeSpan timeout)
    {
        _timeout = timeout;
        var deadline = _deadline;
        if (deadline is null)
        {
            Atomic.Write(ref _deadline, deadline = new IoDeadline(_pool, this));
            Atomic.Fence();
            if (Handle.IsClosed)
                deadline.Close(); // whoever has closed it may have looked for a deadline before: one of the two sees the other
        }

        _hasDeadline = true;
        deadline.Set(_run, timeout);
    }

    private void ClearDeadline()
    {
        if (!_hasDeadline)
            return;
        _hasDeadline = false;
        _deadline!.Clear();
    }

    /// <summary>There will be no run after this one: its timer does not wait for a deadline that is no longer set. Whoever has the run, or has closed the handle.</summary>
    public void CloseDeadline() => Atomic.Read(ref _deadline)?.Close();

    /// <summary>The deadline of this run has passed.</summary>
    internal void TimeOut(int run) => RequestEnd(run, ByDeadline);
}
