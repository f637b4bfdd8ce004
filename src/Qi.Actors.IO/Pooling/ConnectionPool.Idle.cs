using System.Net;

namespace Qi.Actors.IO;

public sealed partial class ConnectionPool
{
    // All of them in the order in which they came back, and those of one endpoint in the same order.
    private readonly LinkedList<Idle> _idle = [];
    private readonly Dictionary<EndPoint, List<Idle>> _idleByEndPoint = [];
    private ITimer? _timer;
    private bool _isArmed;
    private long _expired;

    // Returns one that has to go.
    private SocketConnection? KeepLocked(EndPoint remote, SocketConnection connection)
    {
        if (_options.MostIdle == 0)
        {
            _open--;
            return connection;
        }

        SocketConnection? oldest = null;
        if (_idle.Count >= _options.MostIdle)
        {
            oldest = TakeOldestLocked();
            _open--;
        }

        if (!_idleByEndPoint.TryGetValue(remote, out var same))
            _idleByEndPoint.Add(remote, same = []);
        var kept = new Idle(remote, connection, _time.GetTimestamp(), same);
        _idle.AddLast(kept.Place);
        same.Add(kept);
        if (!_isArmed)
            ArmLocked(_options.IdleTime);
        return oldest;
    }

    // The one that was used last: the others may grow old. A list is empty only if a foreign endpoint was changed before its last connection was removed.
    private SocketConnection? TakeIdleLocked(EndPoint remote)
        => _idleByEndPoint.TryGetValue(remote, out var same) && same.Count > 0 ? RemoveLocked(same[^1]) : null;

    private SocketConnection? TakeOldestLocked() => _idle.First is { } oldest ? RemoveLocked(oldest.Value) : null;

    private SocketConnection RemoveLocked(Idle idle)
    {
        _idle.Remove(idle.Place);
        idle.Same.Remove(idle);
        if (idle.Same.Count == 0)
            _idleByEndPoint.Remove(idle.Remote);
        return idle.Connection;
    }

    private List<Idle> ClearIdleLocked()
    {
        List<Idle> all = [.. _idle];
        _idle.Clear();
        _idleByEndPoint.Clear();
        _timer?.Dispose();
        return all;
    }

    private void ArmLocked(TimeSpan due)
    {
        _isArmed = true;
        _timer ??= _time.CreateTimer(static pool => ((ConnectionPool)pool!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    // The timer is armed for the oldest that there was; it may be in use again meanwhile.
    private void Sweep()
    {
        var tooOld = new List<SocketConnection>();
        lock (_lock)
        {
            _isArmed = false;
            while (!_isDisposed && _idle.First is { } oldest)
            {
                var left = _options.IdleTime - _time.GetElapsedTime(oldest.Value.Since);
                if (left > TimeSpan.Zero)
                {
                    ArmLocked(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)));
                    break;
                }

                tooOld.Add(TakeOldestLocked()!);
                _open--;
                _expired++;
            }
        }

        tooOld.ForEach(connection => connection.Dispose());
    }

    private sealed class Idle
    {
        public Idle(EndPoint remote, SocketConnection connection, long since, List<Idle> same)
        {
            Remote = remote;
            Connection = connection;
            Since = since;
            Same = same;
            Place = new LinkedListNode<Idle>(this);
        }

        public EndPoint Remote { get; }

        public SocketConnection Connection { get; }

        public long Since { get; }

        /// <summary>The idle ones of its endpoint, in which it is.</summary>
        public List<Idle> Same { get; }

        public LinkedListNode<Idle> Place { get; }
    }
}
