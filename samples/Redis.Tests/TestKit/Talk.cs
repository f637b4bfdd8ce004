using System.Text;

using Redis.Channels;
using Redis.Keyspace;
using Redis.Protocol;
using Redis.Server;

namespace Redis.Tests.TestKit;

/// <summary>A session without a connection: what is said is answered at once.</summary>
internal sealed class Talk : IServer, IDisposable
{
    private readonly RequestBuffer _requests = new();

    public Talk()
    {
        Database = new Database(Time);
        Session = new Session(this, () => throw new InvalidOperationException("Nobody can subscribe here: there is no connection."));
    }

    public HandTime Time { get; } = new();

    public Database Database { get; }

    public ChannelTable Channels { get; } = new();

    public Session Session { get; }

    public string Describe() => "# Test\r\n";

    /// <summary>Says lines, and returns the replies.</summary>
    public string Say(params string[] lines) => SayBytes(Encoding.Latin1.GetBytes(string.Concat(lines.Select(line => line + "\r\n"))));

    /// <summary>Says a command word by word, whatever bytes are in the words.</summary>
    public string Command(params string[] words) => SayBytes(Wire.Command(words));

    public string SayBytes(byte[] bytes)
    {
        Feed(bytes);
        var replies = new StringBuilder();
        bool mayHaveMore;
        do
        {
            mayHaveMore = Session.Execute(_requests);
            replies.Append(TakeReplies());
        }
        while (mayHaveMore);
        return replies.ToString();
    }

    /// <summary>Leaves bytes to be read.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = _requests.Room()!.Value.Span;
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            _requests.Fill(count);
            bytes = bytes[count..];
        }
    }

    public bool Execute() => Session.Execute(_requests);

    public string TakeReplies()
    {
        string replies = Encoding.Latin1.GetString(Session.Reply.Written.Span);
        Session.Reply.Clear();
        return replies;
    }

    public void Dispose()
    {
        Session.Dispose();
        _requests.Dispose();
    }
}
