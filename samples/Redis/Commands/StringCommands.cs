using System.Text;

using Redis.Keyspace;
using Redis.Protocol;
using Redis.Server;

namespace Redis.Commands;

/// <summary>The commands on values.</summary>
internal static class StringCommands
{
    public static void Get(Session session, in Request request)
    {
        var key = request[1];
        var shard = session.Database.ShardOf(key);
        byte[] value;
        lock (shard.Gate)
        {
            var entry = shard.FindLocked(key);
            if (entry?.Frozen is not { } frozen)
            {
                Write(session.Reply, entry);
                return;
            }

            value = frozen;
        }

        session.Reply.Bulk(value);
    }

    public static void GetMany(Session session, in Request request)
    {
        using var hold = session.Database.Enter(request, 1, 1);
        session.Reply.List(request.Count - 1);
        for (int i = 1; i < request.Count; i++)
            Write(session.Reply, session.Database.ShardOf(request[i]).FindLocked(request[i]));
    }

    public static void Set(Session session, in Request request)
    {
        if (!SetOptions.TryRead(request, session.Database.Clock.NowMs, out var options, out string? error))
        {
            session.Reply.Error(error);
            return;
        }

        var key = request[1];
        var shard = session.Database.ShardOf(key);
        lock (shard.Gate)
        {
            if (options.Existence is { } mustExist && mustExist != shard.FindLocked(key) is not null)
            {
                session.Reply.Null();
                return;
            }

            var entry = shard.SetLocked(key, request[2]);
            if (options.DeadlineMs is { } deadline)
                shard.SetDeadlineLocked(entry, deadline);
        }

        session.Reply.Ok();
    }

    public static void SetMany(Session session, in Request request)
    {
        if (request.Count % 2 == 0)
        {
            session.Reply.Error("ERR wrong number of arguments for 'mset' command");
            return;
        }

        using var hold = session.Database.Enter(request, 1, 2);
        for (int i = 1; i < request.Count; i += 2)
            session.Database.ShardOf(request[i]).SetLocked(request[i], request[i + 1]);
        session.Reply.Ok();
    }

    public static void Increment(Session session, in Request request) => Add(session, request[1], 1);

    public static void IncrementBy(Session session, in Request request)
    {
        if (Integers.TryParse(request[2], out long amount))
            Add(session, request[1], amount);
        else
            session.Reply.Error(Errors.NotAnInteger);
    }

    // The deadline of a key that is there stays.
    private static void Add(Session session, ReadOnlySpan<byte> key, long amount)
    {
        var shard = session.Database.ShardOf(key);
        lock (shard.Gate)
        {
            var entry = shard.FindLocked(key);
            long before = 0;
            if (entry is not null && !Integers.TryParse(entry.Value, out before))
            {
                session.Reply.Error(Errors.NotAnInteger);
                return;
            }

            long after = unchecked(before + amount);
            if (((before ^ after) & (amount ^ after)) < 0)
            {
                session.Reply.Error("ERR increment or decrement would overflow");
                return;
            }

            Span<byte> digits = stackalloc byte[Integers.MostBytes];
            after.TryFormat(digits, out int length);
            (entry ?? shard.AddLocked(key)).Set(digits[..length]);
            session.Reply.Integer(after);
        }
    }

    private static void Write(ReplyBuffer reply, Entry? entry)
    {
        if (entry is null)
            reply.Null();
        else
            reply.Bulk(entry.Value);
    }

    /// <summary>What follows the value in a SET.</summary>
    private readonly record struct SetOptions(bool? Existence, long? DeadlineMs)
    {
        public static bool TryRead(in Request request, long nowMs, out SetOptions options, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? error)
        {
            options = default;
            error = null;
            for (int i = 3; i < request.Count && error is null; i++)
            {
                bool isInSeconds = Ascii.EqualsIgnoreCase(request[i], "ex"u8);
                if (options.Existence is null && Ascii.EqualsIgnoreCase(request[i], "nx"u8))
                    options = options with { Existence = false };
                else if (options.Existence is null && Ascii.EqualsIgnoreCase(request[i], "xx"u8))
                    options = options with { Existence = true };
                else if (options.DeadlineMs is null && i + 1 < request.Count && (isInSeconds || Ascii.EqualsIgnoreCase(request[i], "px"u8)))
                    error = Deadline.Read(request[++i], isInSeconds ? 1000 : 1, nowMs, "set", mayBePast: false, out long deadline) ?? Keep(ref options, deadline);
                else
                    error = Errors.Syntax;
            }

            return error is null;
        }

        private static string? Keep(ref SetOptions options, long deadline)
        {
            options = options with { DeadlineMs = deadline };
            return null;
        }
    }
}
