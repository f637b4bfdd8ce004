namespace Redis.Channels;

/// <summary>Who has subscribed to what. <b>Order</b>: all subscribers of a channel see its messages in one order, after the reply to their subscription.</summary>
internal sealed class ChannelTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], HashSet<Subscriber>> _channels = new(Keyspace.ByteStrings.Comparer);

    /// <summary>How many channels somebody has subscribed to.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _channels.Count;
        }
    }

    /// <summary>Adds a subscriber, and leaves it the reply.</summary>
    public void Subscribe(byte[] channel, Subscriber subscriber, byte[] reply)
    {
        lock (_gate)
        {
            if (!_channels.TryGetValue(channel, out var subscribers))
                _channels[channel] = subscribers = [];
            subscribers.Add(subscriber);
            subscriber.Offer(reply);
        }
    }

    /// <summary>Removes a subscriber.</summary>
    public void Unsubscribe(byte[] channel, Subscriber subscriber)
    {
        lock (_gate)
        {
            if (_channels.TryGetValue(channel, out var subscribers) && subscribers.Remove(subscriber) && subscribers.Count == 0)
                _channels.Remove(channel);
        }
    }

    /// <summary>Leaves a message to all who have subscribed.</summary>
    /// <returns>How many.</returns>
    public int Publish(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            if (!_channels.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(channel, out var subscribers))
                return 0;
            byte[] frame = Frames.Message(channel, message);
            foreach (var subscriber in subscribers)
                subscriber.Offer(frame);
            return subscribers.Count;
        }
    }
}
