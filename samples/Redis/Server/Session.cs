using Redis.Channels;
using Redis.Commands;
using Redis.Keyspace;
using Redis.Protocol;

namespace Redis.Server;

/// <summary>What a connection is to its commands. It is the connection's own; only <see cref="CommandsDone"/> is looked at by others.</summary>
internal sealed class Session(IServer server, Func<Subscriber> subscribe) : IDisposable
{
    /// <summary>Replies that are longer are sent before the next command is done: one who asks for much and reads nothing does not fill the memory.</summary>
    private const int MostUnsentBytes = 64 * 1024;

    private readonly RequestParser _parser = new();
    private long _commandsDone;

    public IServer Server { get; } = server;

    public Database Database { get; } = server.Database;

    public ChannelTable Channels { get; } = server.Channels;

    /// <summary>What was not sent yet.</summary>
    public ReplyBuffer Reply { get; } = new();

    /// <summary>Who sends once the connection has subscribed; null as long as it sends itself.</summary>
    public Subscriber? Subscriber { get; private set; }

    public bool IsSubscribed => Subscriber is { Channels.Count: > 0 };

    /// <summary>True if nothing more is to be read.</summary>
    public bool IsClosing { get; set; }

    /// <summary>How many commands it has done. Any thread, and a little late.</summary>
    public long CommandsDone => Volatile.Read(ref _commandsDone);

    /// <summary>Does the commands that are in the buffer. True if it has stopped before the end, because so much is to be sent.</summary>
    public bool Execute(RequestBuffer requests)
    {
        long done = 0;
        while (!IsClosing && Reply.Length < MostUnsentBytes)
        {
            var bytes = requests.Unread;
            var parsed = _parser.Parse(bytes);
            if (parsed == Parsed.Incomplete)
                break;
            if (parsed == Parsed.Refused)
            {
                Reply.Error(_parser.Error!);
                IsClosing = true;
                break;
            }

            if (parsed == Parsed.Command)
            {
                CommandTable.Execute(this, _parser.RequestIn(bytes));
                done++;
            }

            requests.Take(_parser.Length);
            _parser.Next();
        }

        Volatile.Write(ref _commandsDone, _commandsDone + done);
        return !IsClosing && Reply.Length >= MostUnsentBytes;
    }

    /// <summary>Has a subscriber send from now on, what was written so far first.</summary>
    public Subscriber BecomeSubscriber()
    {
        Subscriber ??= subscribe();
        MoveReplies();
        return Subscriber;
    }

    /// <summary>Leaves the subscriber what was written.</summary>
    public void MoveReplies()
    {
        if (Reply.Length > 0)
            Subscriber!.Offer(Reply.Written.ToArray());
        Reply.Clear();
    }

    /// <summary>Ends all subscriptions. The subscriber may go on sending what waits; the session has none any more.</summary>
    public Subscriber? TakeSubscriber()
    {
        var subscriber = Subscriber;
        Subscriber = null;
        foreach (byte[] channel in subscriber?.Channels ?? [])
            Channels.Unsubscribe(channel, subscriber!);
        return subscriber;
    }

    public void Dispose()
    {
        TakeSubscriber()?.Close();
        Reply.Dispose();
    }
}
