using Redis.Protocol;
using Redis.Server;

namespace Redis.Commands;

/// <summary>The commands on keys, whatever their values.</summary>
internal static class KeyCommands
{
    public static void Delete(Session session, in Request request)
    {
        using var hold = session.Database.Enter(request, 1, 1);
        int removed = 0;
        for (int i = 1; i < request.Count; i++)
        {
            var shard = session.Database.ShardOf(request[i]);
            if (shard.FindLocked(request[i]) is { } entry)
            {
                shard.RemoveLocked(entry);
                removed++;
            }
        }

        session.Reply.Integer(removed);
    }

    public static void Exists(Session session, in Request request)
    {
        using var hold = session.Database.Enter(request, 1, 1);
        int found = 0;
        for (int i = 1; i < request.Count; i++)
            found += session.Database.ShardOf(request[i]).FindLocked(request[i]) is null ? 0 : 1;
        session.Reply.Integer(found);
    }

    public static void Expire(Session session, in Request request)
    {
        long now = session.Database.Clock.NowMs;
        if (Deadline.Read(request[2], 1000, now, "expire", mayBePast: true, out long deadline) is { } error)
        {
            session.Reply.Error(error);
            return;
        }

        var shard = session.Database.ShardOf(request[1]);
        lock (shard.Gate)
        {
            var entry = shard.FindLocked(request[1]);
            if (entry is not null && deadline <= now)
                shard.RemoveLocked(entry);
            else if (entry is not null)
                shard.SetDeadlineLocked(entry, deadline);
            session.Reply.Integer(entry is null ? 0 : 1);
        }
    }

    public static void TimeToLive(Session session, in Request request)
    {
        var shard = session.Database.ShardOf(request[1]);
        lock (shard.Gate)
        {
            session.Reply.Integer(shard.FindLocked(request[1]) switch
            {
                null => -2,
                { HasDeadline: false } => -1,
                var entry => (entry.DeadlineMs - session.Database.Clock.NowMs + 500) / 1000,
            });
        }
    }

    public static void FlushAll(Session session, in Request request)
    {
        session.Database.Clear();
        session.Reply.Ok();
    }

    public static void Size(Session session, in Request request) => session.Reply.Integer(session.Database.Count().Keys);
}
