namespace Qi.Actors.Workloads.Savina;

/// <summary>A hundred creatures meet in pairs, 200,000 times, through one party, and change their colours.</summary>
public static class Chameneos
{
    private const int Creatures = 100;
    private const int Colours = 3;

    public static Workload Workload { get; } =
        Benchmark.Of("chameneos", "meeting", 200_000, static size => 2L * size, Run<QiCarrier>, Run<BlockCarrier>);

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        var mall = round.Add(new Mall<TCarrier>(round, size));
        var creatures = new Party<TCarrier, News<TCarrier>>[Creatures];
        for (int i = 0; i < Creatures; i++)
            creatures[i] = round.Add(new Creature<TCarrier>(mall, i % Colours));
        foreach (var creature in creatures)
            creature.Tell(new News<TCarrier>(NewsKind.Begin, 0, default));
        return round.End();
    }

    /// <summary>Two of a colour keep it; two that differ both take the third.</summary>
    internal static int Complement(int one, int other) => one == other ? one : Colours - one - other;

    internal enum NewsKind
    {
        Begin,
        Met,
        Changed,
        Faded,
    }

    /// <summary>What a creature is told: the colour and the address are those of the one it meets.</summary>
    internal readonly record struct News<TCarrier>(NewsKind Kind, int Colour, Party<TCarrier, News<TCarrier>> Other)
        where TCarrier : struct, ICarrier;

    /// <summary>What the mall is told: somebody wants to meet, or has faded and says how often it met.</summary>
    internal readonly record struct Visit<TCarrier>(int Colour, Party<TCarrier, News<TCarrier>> Visitor, int Meetings = -1)
        where TCarrier : struct, ICarrier;

    private sealed class Mall<TCarrier>(Round<TCarrier> round, int meetings) : Role<TCarrier, Visit<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        private Party<TCarrier, News<TCarrier>> _waiting;
        private int _left = meetings;
        private int _faded;
        private long _sum;

        public override void Receive(Visit<TCarrier> message)
        {
            if (message.Meetings >= 0)
            {
                _sum += message.Meetings;
                if (++_faded == Creatures)
                    round.Finish(_sum);
            }
            else if (_left == 0)
            {
                message.Visitor.Tell(new News<TCarrier>(NewsKind.Faded, 0, default));
            }
            else if (_waiting.IsNobody)
            {
                _waiting = message.Visitor;
            }
            else
            {
                _left--;
                _waiting.Tell(new News<TCarrier>(NewsKind.Met, message.Colour, message.Visitor));
                _waiting = default;
            }
        }
    }

    private sealed class Creature<TCarrier>(Party<TCarrier, Visit<TCarrier>> mall, int colour) : Role<TCarrier, News<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        private int _colour = colour;
        private int _meetings;

        public override void Receive(News<TCarrier> message)
        {
            switch (message.Kind)
            {
                case NewsKind.Begin:
                    break;
                case NewsKind.Met:
                    _colour = Complement(_colour, message.Colour);
                    _meetings++;
                    message.Other.Tell(new News<TCarrier>(NewsKind.Changed, _colour, Self));
                    break;
                case NewsKind.Changed:
                    _colour = message.Colour;
                    _meetings++;
                    break;
                case NewsKind.Faded:
                    mall.Tell(new Visit<TCarrier>(0, Self, _meetings));
                    return;
            }

            mall.Tell(new Visit<TCarrier>(_colour, Self));
        }
    }
}
