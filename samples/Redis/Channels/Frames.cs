using Redis.Protocol;

namespace Redis.Channels;

/// <summary>What subscribers are sent.</summary>
internal static class Frames
{
    public static byte[] Message(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message)
    {
        using var frame = new ReplyBuffer();
        frame.List(3);
        frame.Bulk("message"u8);
        frame.Bulk(channel);
        frame.Bulk(message);
        return frame.Written.ToArray();
    }

    /// <summary>The reply to a subscription or to its end.</summary>
    /// <param name="what">Which of the two.</param>
    /// <param name="channel">The channel; null if there was none to end.</param>
    /// <param name="left">To how many channels the connection has subscribed now.</param>
    public static byte[] Count(ReadOnlySpan<byte> what, byte[]? channel, int left)
    {
        using var frame = new ReplyBuffer();
        frame.List(3);
        frame.Bulk(what);
        if (channel is null)
            frame.Null();
        else
            frame.Bulk(channel);
        frame.Integer(left);
        return frame.Written.ToArray();
    }
}
