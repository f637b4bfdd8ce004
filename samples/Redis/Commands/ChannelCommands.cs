using Redis.Channels;
using Redis.Protocol;
using Redis.Server;

namespace Redis.Commands;

/// <summary>The commands of publishing and subscribing.</summary>
internal static class ChannelCommands
{
    public static void Subscribe(Session session, in Request request)
    {
        var subscriber = session.BecomeSubscriber();
        for (int i = 1; i < request.Count; i++)
        {
            byte[] channel = request[i].ToArray();
            bool isNew = subscriber.Channels.Add(channel);
            byte[] reply = Frames.Count("subscribe"u8, channel, subscriber.Channels.Count);
            if (isNew)
                session.Channels.Subscribe(channel, subscriber, reply);
            else
                subscriber.Offer(reply);
        }
    }

    public static void Unsubscribe(Session session, in Request request)
    {
        var channels = session.Subscriber?.Channels;
        if (request.Count == 1 && channels is not { Count: > 0 })
        {
            session.Reply.Raw(Frames.Count("unsubscribe"u8, null, 0));
        }
        else if (request.Count == 1)
        {
            foreach (byte[] channel in channels!.ToArray())
                Unsubscribe(session, channel);
        }
        else
        {
            for (int i = 1; i < request.Count; i++)
                Unsubscribe(session, request[i].ToArray());
        }
    }

    public static void Publish(Session session, in Request request) => session.Reply.Integer(session.Channels.Publish(request[1], request[2]));

    private static void Unsubscribe(Session session, byte[] channel)
    {
        if (session.Subscriber is { } subscriber && subscriber.Channels.Remove(channel))
            session.Channels.Unsubscribe(channel, subscriber);
        session.Reply.Raw(Frames.Count("unsubscribe"u8, channel, session.Subscriber?.Channels.Count ?? 0));
    }
}
