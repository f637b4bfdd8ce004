using System.Buffers;
using System.Globalization;
using System.Text;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>What a connection's actor is told to do.</summary>
public abstract record ConnectionCommand
{
    private protected ConnectionCommand()
    {
    }
}

/// <summary>Send these bytes, after those that were told before. They must not change until they are sent, which nobody is told.</summary>
/// <param name="Bytes">What to send.</param>
public sealed record Send(ReadOnlyMemory<byte> Bytes) : ConnectionCommand;

/// <summary>Read no more until <see cref="ResumeReading"/>. What is being handed over still arrives.</summary>
public sealed record PauseReading : ConnectionCommand;

/// <summary>Read on after <see cref="PauseReading"/>.</summary>
public sealed record ResumeReading : ConnectionCommand;

/// <summary>Send no more, and say so to the other end. Reading goes on; when the other end has ended too, the connection closes.</summary>
public sealed record EndWriting : ConnectionCommand;

/// <summary>Close the connection, after what was told before was sent.</summary>
public sealed record CloseConnection : ConnectionCommand;

/// <summary>What a connection's actor tells its handler.</summary>
/// <param name="Connection">Whom to tell what to do.</param>
public abstract record ConnectionEvent(ActorRef<ConnectionCommand> Connection);

/// <summary>Bytes have arrived. They are the handler's now: it disposes of this when it needs them no more. As a dead letter it is disposed of by the system, unless a full mailbox has refused it.</summary>
/// <param name="Connection">Where from.</param>
public sealed record Received(ActorRef<ConnectionCommand> Connection) : ConnectionEvent(Connection), IDisposable
{
    private readonly int _length;
    private IMemoryOwner<byte>? _owner;

    internal Received(ActorRef<ConnectionCommand> connection, IMemoryOwner<byte> owner, int length)
        : this(connection)
    {
        _owner = owner;
        _length = length;
    }

    private Received(Received original)
        : base(original)
        => throw new NotSupportedException("A Received owns memory, of which there is one only: hand it on as it is, and do not copy it by 'with'.");

    /// <summary>What has arrived.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public ReadOnlyMemory<byte> Bytes
    {
        get
        {
            if (_length == 0)
                return default;
            var owner = Atomic.Read(ref _owner);
            ObjectDisposedException.ThrowIf(owner is null, this);
            return owner.Memory[.._length];
        }
    }

    /// <summary>Gives the memory back. Later calls do nothing.</summary>
    public void Dispose() => Atomic.Exchange(ref _owner, null)?.Dispose();

    /// <summary>What it is, with its bytes or without.</summary>
    protected override bool PrintMembers(StringBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Append(CultureInfo.InvariantCulture, $"{_length} bytes of {Connection}{(Atomic.Read(ref _owner) is null ? ", given back" : "")}");
        return true;
    }
}

/// <summary>The other end sends no more. What is sent to it still arrives.</summary>
/// <param name="Connection">Which.</param>
public sealed record PeerEnded(ActorRef<ConnectionCommand> Connection) : ConnectionEvent(Connection);

/// <summary>The connection is closed: the last that is heard of it.</summary>
/// <param name="Connection">Which.</param>
/// <param name="Failure">What has broken it; null if it was closed in order.</param>
public sealed record Closed(ActorRef<ConnectionCommand> Connection, Exception? Failure) : ConnectionEvent(Connection);
