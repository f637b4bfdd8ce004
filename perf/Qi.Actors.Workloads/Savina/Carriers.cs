// What lets a role be written once and played by either side. A carrier is a struct that is only ever a type argument, so the
// compiler makes code of its own for each: telling a party is the call that a user would write, on Qi's side ActorRef.Tell
// and on the other ActionBlock.Post, and neither pays for the other. A party's receiver is a delegate on both sides.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads.Savina;

/// <summary>How one kind of party is made and told.</summary>
internal interface ICarrier
{
    static abstract ITargetBlock<TMessage> Spawn<TMessage>(ActorSystem system, Action<TMessage> receive);

    static abstract void Tell<TMessage>(ITargetBlock<TMessage> party, TMessage message);
}

/// <summary>Qi's actors.</summary>
internal readonly struct QiCarrier : ICarrier
{
    public static ITargetBlock<TMessage> Spawn<TMessage>(ActorSystem system, Action<TMessage> receive) => system.Spawn(receive);

    public static void Tell<TMessage>(ITargetBlock<TMessage> party, TMessage message)
    {
        Debug.Assert(party is ActorRef<TMessage>, "A party of Qi's carrier is an actor.");
        Unsafe.As<ActorRef<TMessage>>(party).Tell(message);
    }
}

/// <summary>A stock block for each party, with its default options.</summary>
internal readonly struct BlockCarrier : ICarrier
{
    public static ITargetBlock<TMessage> Spawn<TMessage>(ActorSystem system, Action<TMessage> receive)
        => new ActionBlock<TMessage>(receive);

    public static void Tell<TMessage>(ITargetBlock<TMessage> party, TMessage message)
    {
        Debug.Assert(party is ActionBlock<TMessage>, "A party of the blocks' carrier is a block.");
        Unsafe.As<ActionBlock<TMessage>>(party).Post(message);
    }
}

/// <summary>A party's address; the default is nobody's.</summary>
internal readonly record struct Party<TCarrier, TMessage>(ITargetBlock<TMessage>? Target)
    where TCarrier : struct, ICarrier
{
    public bool IsNobody => Target is null;

    public void Tell(TMessage message) => TCarrier.Tell(Target!, message);

    /// <summary>The party ends when it has handled what waits.</summary>
    public void Complete() => Target!.Complete();
}

/// <summary>What a party does with its messages, one at a time.</summary>
internal abstract class Role<TCarrier, TMessage>
    where TCarrier : struct, ICarrier
{
    /// <summary>Its own address; there before the first message is.</summary>
    public Party<TCarrier, TMessage> Self { get; set; }

    public abstract void Receive(TMessage message);
}
