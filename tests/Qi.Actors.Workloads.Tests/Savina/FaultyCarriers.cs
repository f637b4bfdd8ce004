using System.Threading.Tasks.Dataflow;

using Qi.Actors.Workloads.Savina;

namespace Qi.Actors.Workloads.Tests.Savina;

/// <summary>Loses one message in fifty.</summary>
internal readonly struct LosingCarrier : ICarrier
{
    private static int s_told;

    public static ITargetBlock<TMessage> Spawn<TMessage>(ActorSystem system, Action<TMessage> receive)
        => BlockCarrier.Spawn(system, receive);

    public static void Tell<TMessage>(ITargetBlock<TMessage> party, TMessage message)
    {
        if (Interlocked.Increment(ref s_told) % 50 != 0)
            BlockCarrier.Tell(party, message);
    }
}

/// <summary>Brings one message in fifty twice.</summary>
internal readonly struct RepeatingCarrier : ICarrier
{
    private static int s_told;

    public static ITargetBlock<TMessage> Spawn<TMessage>(ActorSystem system, Action<TMessage> receive)
        => BlockCarrier.Spawn(system, receive);

    public static void Tell<TMessage>(ITargetBlock<TMessage> party, TMessage message)
    {
        BlockCarrier.Tell(party, message);
        if (Interlocked.Increment(ref s_told) % 50 == 0)
            BlockCarrier.Tell(party, message);
    }
}
