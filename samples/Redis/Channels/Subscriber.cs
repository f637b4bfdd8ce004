// One who has subscribed is written to by whoever publishes, so a coroutine of its own has the writing side: others leave frames for it, and it sends all that
// has gathered in one write. A frame is made once and shared by all who get it.
//   S1. _waiting, _waitingBytes and _state are written under _gate. _waitingBytes counts what is being written, too.
//   S2. More than MostWaitingBytes, and the connection is closed, as Redis does: one who reads too slowly must not cost everybody's memory.

using Qi.Actors;
using Qi.Actors.IO;

namespace Redis.Channels;

/// <summary>The writing side of a connection that has subscribed.</summary>
internal sealed class Subscriber
{
    /// <summary>What may wait for one subscriber.</summary>
    public const int MostWaitingBytes = 8 * 1024 * 1024;

    private readonly SocketConnection _connection;
    private readonly Lock _gate = new();
    private readonly JoinHandle _writer;
    private List<ReadOnlyMemory<byte>> _waiting = [];
    private long _waitingBytes;
    private State _state;

    public Subscriber(ActorSystem system, SocketConnection connection)
    {
        _connection = connection;
        _writer = system.Spawn(WriteAsync);
    }

    private enum State
    {
        Open,
        Ending,
        Closed,
    }

    /// <summary>The channels. Its own connection's coroutine.</summary>
    public HashSet<byte[]> Channels { get; } = new(Keyspace.ByteStrings.Comparer);

    /// <summary>Leaves a frame to be sent, which must not change any more. One who is too slow is closed instead.</summary>
    public void Offer(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (_state == State.Closed)
                return;
            _waitingBytes += frame.Length;
            if (_waitingBytes > MostWaitingBytes)
            {
                CloseLocked();
                return;
            }

            _waiting.Add(frame);
        }

        _writer.Resume();
    }

    /// <summary>Closes the connection, whatever waits.</summary>
    public void Close()
    {
        lock (_gate)
            CloseLocked();
    }

    /// <summary>Ends when all that waits is sent, or cannot be.</summary>
    public async Coroutine EndAsync()
    {
        lock (_gate)
        {
            if (_state == State.Open)
                _state = State.Ending;
        }

        _writer.Resume();
        await _writer;
    }

    private async Coroutine WriteAsync()
    {
        var sending = new List<ReadOnlyMemory<byte>>();
        try
        {
            while (true)
            {
                bool isEnding;
                lock (_gate)
                {
                    (_waiting, sending) = (sending, _waiting);
                    isEnding = _state != State.Open;
                }

                if (sending.Count > 0)
                {
                    await _connection.WriteAsync(sending);
                    Sent(sending);
                }
                else if (isEnding)
                {
                    return;
                }
                else
                {
                    await Coroutine.SuspendAsync();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Close(); // its reader notices, and unsubscribes
        }
    }

    private void Sent(List<ReadOnlyMemory<byte>> frames)
    {
        long bytes = 0;
        foreach (var frame in frames)
            bytes += frame.Length;
        frames.Clear();
        lock (_gate)
            _waitingBytes -= bytes;
    }

    private void CloseLocked()
    {
        _state = State.Closed;
        _waiting.Clear();
        _connection.Dispose();
        _writer.Resume();
    }
}
