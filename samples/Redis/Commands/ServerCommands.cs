using System.Text;

using Redis.Protocol;
using Redis.Server;

namespace Redis.Commands;

/// <summary>The commands about the connection and the server.</summary>
internal static class ServerCommands
{
    // What is asked for by redis-benchmark, and by others before they begin.
    private static readonly (string Name, string Value)[] s_settings =
        [("appendonly", "no"), ("databases", "1"), ("maxmemory", "0"), ("proto-max-bulk-len", $"{RequestParser.MostArgumentBytes}"), ("save", ""), ("timeout", "0")];

    public static void Ping(Session session, in Request request)
    {
        var reply = session.Reply;
        if (request.Count > 2)
        {
            reply.Error("ERR wrong number of arguments for 'ping' command");
        }
        else if (session.IsSubscribed)
        {
            reply.List(2);
            reply.Bulk("pong"u8);
            reply.Bulk(request.Count == 2 ? request[1] : []);
        }
        else if (request.Count == 2)
        {
            reply.Bulk(request[1]);
        }
        else
        {
            reply.Simple("PONG"u8);
        }
    }

    public static void Echo(Session session, in Request request) => session.Reply.Bulk(request[1]);

    public static void Quit(Session session, in Request request)
    {
        session.Reply.Ok();
        session.IsClosing = true;
    }

    public static void Info(Session session, in Request request) => session.Reply.Bulk(session.Server.Describe());

    public static void Commands(Session session, in Request request)
    {
        var reply = session.Reply;
        if (request.Count == 1)
        {
            reply.List(CommandTable.Count);
            foreach (var command in CommandTable.Commands)
                Describe(reply, command);
        }
        else if (Ascii.EqualsIgnoreCase(request[1], "count"u8))
        {
            reply.Integer(CommandTable.Count);
        }
        else if (Ascii.EqualsIgnoreCase(request[1], "docs"u8))
        {
            reply.List(0); // there are none, and redis-cli does without
        }
        else if (Ascii.EqualsIgnoreCase(request[1], "info"u8))
        {
            reply.List(request.Count - 2);
            for (int i = 2; i < request.Count; i++)
                Describe(reply, CommandTable.Find(request[i]));
        }
        else
        {
            reply.Error($"ERR unknown subcommand '{Encoding.UTF8.GetString(request[1])}'. Try COUNT, DOCS or INFO.");
        }
    }

    public static void Config(Session session, in Request request)
    {
        var reply = session.Reply;
        if (request.Count < 3 || !Ascii.EqualsIgnoreCase(request[1], "get"u8))
        {
            reply.Error("ERR CONFIG knows GET only: this server is set up on its command line.");
            return;
        }

        var found = new List<(string Name, string Value)>();
        for (int i = 2; i < request.Count; i++)
        {
            string wanted = Encoding.UTF8.GetString(request[i]);
            found.AddRange(s_settings.Where(setting => wanted is "*" || setting.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase)));
        }

        reply.List(2 * found.Count);
        foreach (var (name, value) in found)
        {
            reply.Bulk(name);
            reply.Bulk(value);
        }
    }

    private static void Describe(ReplyBuffer reply, Command? command)
    {
        if (command is null)
        {
            reply.Raw("*-1\r\n"u8);
            return;
        }

        reply.List(6);
        reply.Bulk(command.Name);
        reply.Integer(command.Arity);
        reply.List(command.Flags.Length);
        foreach (string flag in command.Flags)
            reply.Simple(Encoding.ASCII.GetBytes(flag));
        reply.Integer(command.FirstKey);
        reply.Integer(command.LastKey);
        reply.Integer(command.KeyStep);
    }
}
