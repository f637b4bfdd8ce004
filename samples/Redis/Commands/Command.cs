using Redis.Protocol;
using Redis.Server;

namespace Redis.Commands;

/// <summary>Does a command and writes its reply.</summary>
internal delegate void CommandBody(Session session, in Request request);

/// <summary>A command as it stands in the table.</summary>
/// <param name="Name">In small letters.</param>
/// <param name="Arity">How many words it has, with its name; if negative, at least so many.</param>
/// <param name="Flags">What kind of command it is, in Redis' words.</param>
/// <param name="Body">What it does.</param>
/// <param name="FirstKey">The first argument that is a key; 0 if none is.</param>
/// <param name="LastKey">The last one; negative to count from the end.</param>
/// <param name="KeyStep">How far it is from one key to the next.</param>
internal sealed record Command(string Name, int Arity, string[] Flags, CommandBody Body, int FirstKey = 0, int LastKey = 0, int KeyStep = 0)
{
    /// <summary>Whether one who has subscribed may use it.</summary>
    public bool IsForSubscribers { get; init; }

    public bool Takes(int words) => Arity < 0 ? words >= -Arity : words == Arity;
}
