namespace Qi.Actors.Testing.Outside;

/// <summary>Takes over the timers that turns set. One object serves one simulation after the other.</summary>
internal sealed class TimerTaking(TimerInternals internals)
{
    private readonly RealQueues _real = new(internals);
    private readonly FrozenQueue _frozen = new(internals);
    private readonly Dictionary<int, int> _orderByHash = [];
    private int _order;

    public void Begin(IOutsideHost host)
    {
        _frozen.Clear();
        _orderByHash.Clear();
        _order = 0;
        _frozen.Host = host;
    }

    public void End()
    {
        _frozen.Clear();
        _frozen.Host = null;
    }

    /// <summary>A timer is being set by this thread, in a turn: its queue's lock is held, and it is not in a list yet.</summary>
    public void Note(int hash)
    {
        _orderByHash[hash] = _order++;
        if (!_real.IsHeld && !_frozen.IsHeldByCurrentThread)
            _real.Hold();
    }

    /// <summary>Hands over what the turn has set.</summary>
    public void EndTurn()
    {
        if (_real.IsHeld)
        {
            try
            {
                _real.MoveTo(_frozen, _orderByHash);
            }
            finally
            {
                _real.Release();
            }
        }

        if (_frozen.HasChanged)
            _frozen.ScheduleChanged(_orderByHash);
        if (_order != 0)
        {
            _orderByHash.Clear();
            _order = 0;
        }
    }
}
