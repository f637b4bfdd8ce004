namespace Qi.Actors;

/// <summary>Makes the message that asks.</summary>
internal interface IQuestion<out TMessage, TReply>
{
    TMessage Make(ReplyTo<TReply> reply);
}

/// <summary>A question without arguments, or with captured ones.</summary>
internal readonly struct Question<TMessage, TReply>(Func<ReplyTo<TReply>, TMessage> make) : IQuestion<TMessage, TReply>
{
    public TMessage Make(ReplyTo<TReply> reply) => make(reply);
}

/// <summary>A question that is given its argument.</summary>
internal readonly struct Question<TState, TMessage, TReply>(TState state, Func<TState, ReplyTo<TReply>, TMessage> make)
    : IQuestion<TMessage, TReply>
{
    public TMessage Make(ReplyTo<TReply> reply) => make(state, reply);
}
