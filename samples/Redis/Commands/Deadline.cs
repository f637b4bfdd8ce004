using Redis.Protocol;

namespace Redis.Commands;

/// <summary>Times in arguments.</summary>
internal static class Deadline
{
    /// <summary>Reads how long something is to live. Null, or what is wrong with it.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="unitMs">What one is.</param>
    /// <param name="nowMs">Now, on the server's clock.</param>
    /// <param name="command">Who asks.</param>
    /// <param name="mayBePast">Whether it may be over already.</param>
    /// <param name="deadlineMs">Until when.</param>
    public static string? Read(ReadOnlySpan<byte> text, long unitMs, long nowMs, string command, bool mayBePast, out long deadlineMs)
    {
        deadlineMs = 0;
        if (!Integers.TryParse(text, out long time))
            return Errors.NotAnInteger;
        if ((time <= 0 && !mayBePast) || Math.Abs((decimal)time * unitMs) > long.MaxValue - nowMs)
            return $"ERR invalid expire time in '{command}' command";
        deadlineMs = nowMs + (time * unitMs);
        return null;
    }
}
