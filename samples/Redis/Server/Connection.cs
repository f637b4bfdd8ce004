// A connection is one coroutine: it reads what is there, does all commands that are complete, and sends their replies in one write. So a pipeline of a hundred
// commands costs two system calls, and a client that does not read stops its own connection and nothing else.

using Qi.Actors;
using Qi.Actors.IO;

using Redis.Protocol;

namespace Redis.Server;

/// <summary>Serves one client.</summary>
internal static class Connection
{
    public static async Coroutine ServeAsync(SocketConnection connection, Session session)
    {
        using var requests = new RequestBuffer();
        try
        {
            while (!session.IsClosing && requests.Room() is { } room)
            {
                int count = await connection.ReadAsync(room);
                if (count == 0)
                    break;
                requests.Fill(count);
                bool mayHaveMore = true;
                while (mayHaveMore)
                {
                    mayHaveMore = session.Execute(requests);
                    if (session.Subscriber is not null)
                        await HandOverAsync(session);
                    else if (session.Reply.Length > 0)
                        await connection.WriteAsync(session.Reply.Written);
                    session.Reply.Clear();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The client went away in the middle, or was closed as too slow a subscriber.
        }
    }

    // One who has unsubscribed from everything, or quits, is sent what waits first.
    private static async Coroutine HandOverAsync(Session session)
    {
        session.MoveReplies();
        if ((!session.IsSubscribed || session.IsClosing) && session.TakeSubscriber() is { } subscriber)
            await subscriber.EndAsync();
    }
}
