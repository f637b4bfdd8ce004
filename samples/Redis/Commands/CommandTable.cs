using System.Text;

using Redis.Protocol;
using Redis.Server;

namespace Redis.Commands;

/// <summary>All commands, and the way to them.</summary>
internal static class CommandTable
{
    private const int MostQuoted = 128;

    private static readonly string[] s_read = ["readonly", "fast"];
    private static readonly string[] s_write = ["write", "denyoom", "fast"];
    private static readonly string[] s_remove = ["write"];
    private static readonly string[] s_channel = ["pubsub", "noscript", "loading", "stale"];
    private static readonly string[] s_server = ["loading", "stale", "fast"];

    private static readonly Dictionary<byte[], Command> s_commands = All().ToDictionary(command => Encoding.ASCII.GetBytes(command.Name), CommandNames.Comparer);

    private static readonly Dictionary<byte[], Command>.AlternateLookup<ReadOnlySpan<byte>> s_lookup = s_commands.GetAlternateLookup<ReadOnlySpan<byte>>();

    public static int Count => s_commands.Count;

    public static IEnumerable<Command> Commands => s_commands.Values;

    /// <summary>The command of a name; null if there is none.</summary>
    public static Command? Find(ReadOnlySpan<byte> name) => s_lookup.TryGetValue(name, out var command) ? command : null;

    /// <summary>Does a command, or says why not.</summary>
    public static void Execute(Session session, in Request request)
    {
        if (!s_lookup.TryGetValue(request[0], out var command))
            session.Reply.Error(Unknown(request));
        else if (!command.Takes(request.Count))
            session.Reply.Error($"ERR wrong number of arguments for '{command.Name}' command");
        else if (session.IsSubscribed && !command.IsForSubscribers)
            session.Reply.Error($"ERR Can't execute '{command.Name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context");
        else
            command.Body(session, request);
    }

    private static IEnumerable<Command> All() =>
    [
        new("get", 2, s_read, StringCommands.Get, 1, 1, 1),
        new("set", -3, s_write, StringCommands.Set, 1, 1, 1),
        new("incr", 2, s_write, StringCommands.Increment, 1, 1, 1),
        new("incrby", 3, s_write, StringCommands.IncrementBy, 1, 1, 1),
        new("mget", -2, s_read, StringCommands.GetMany, 1, -1, 1),
        new("mset", -3, s_write, StringCommands.SetMany, 1, -1, 2),
        new("del", -2, s_remove, KeyCommands.Delete, 1, -1, 1),
        new("exists", -2, s_read, KeyCommands.Exists, 1, -1, 1),
        new("expire", 3, s_write, KeyCommands.Expire, 1, 1, 1),
        new("ttl", 2, s_read, KeyCommands.TimeToLive, 1, 1, 1),
        new("flushall", -1, s_remove, KeyCommands.FlushAll),
        new("dbsize", 1, s_read, KeyCommands.Size),
        new("subscribe", -2, s_channel, ChannelCommands.Subscribe) { IsForSubscribers = true },
        new("unsubscribe", -1, s_channel, ChannelCommands.Unsubscribe) { IsForSubscribers = true },
        new("publish", 3, s_channel, ChannelCommands.Publish),
        new("ping", -1, s_server, ServerCommands.Ping) { IsForSubscribers = true },
        new("quit", -1, s_server, ServerCommands.Quit) { IsForSubscribers = true },
        new("echo", 2, s_server, ServerCommands.Echo),
        new("info", -1, s_server, ServerCommands.Info),
        new("command", -1, s_server, ServerCommands.Commands),
        new("config", -2, s_server, ServerCommands.Config),
    ];

    private static string Unknown(in Request request)
    {
        var text = new StringBuilder("ERR unknown command '").Append(Quoted(request[0])).Append("', with args beginning with: ");
        int most = text.Length + MostQuoted;
        for (int i = 1; i < request.Count && text.Length < most; i++)
            text.Append('\'').Append(Quoted(request[i])).Append("' ");
        return text.ToString();
    }

    private static string Quoted(ReadOnlySpan<byte> word) => Encoding.UTF8.GetString(word[..Math.Min(word.Length, MostQuoted)]);
}
