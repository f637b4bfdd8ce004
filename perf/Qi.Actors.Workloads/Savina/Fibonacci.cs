namespace Qi.Actors.Workloads.Savina;

/// <summary>The twenty-fifth Fibonacci number, with a party for each call of the recursion.</summary>
public static class Fibonacci
{
    private const int Children = 2;

    // A call of the n-th number makes 2 F(n) - 1 calls in all: these are the suite's n = 25.
    public static Workload Workload { get; } = new(
        "savina-fibonacci",
        "party",
        150_049,
        static size => Number(IndexFor(size)),
        new("Qi", Run<QiCarrier>),
        new("ActionBlock", Run<BlockCarrier>)) { Fit = static size => (int)Calls(IndexFor(size)) };

    private static long Calls(int index) => (2 * Number(index)) - 1;

    // The largest index whose calls are within the size.
    private static int IndexFor(int size)
    {
        int index = Children;
        while (Calls(index + 1) <= size)
            index++;
        return index;
    }

    private static long Number(int index)
    {
        (long number, long next) = (0, 1);
        for (int i = 0; i < index; i++)
            (number, next) = (next, number + next);
        return number;
    }

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        round.Spawn(new Call<TCarrier>(round, default)).Tell(Message.Ask(IndexFor(size)));
        return round.End();
    }

    private readonly record struct Message(int Index, long Number)
    {
        public bool IsQuestion => Index > 0;

        public static Message Ask(int index) => new(index, 0);

        public static Message Answer(long number) => new(0, number);
    }

    private sealed class Call<TCarrier>(Round<TCarrier> round, Party<TCarrier, Message> caller) : Role<TCarrier, Message>
        where TCarrier : struct, ICarrier
    {
        private int _answers;
        private long _sum;

        public override void Receive(Message message)
        {
            if (!message.IsQuestion)
            {
                _sum += message.Number;
                if (++_answers == Children)
                    Answer(_sum);
            }
            else if (message.Index <= Children)
            {
                Answer(1);
            }
            else
            {
                for (int i = 1; i <= Children; i++)
                    round.Spawn(new Call<TCarrier>(round, Self)).Tell(Message.Ask(message.Index - i));
            }
        }

        private void Answer(long number)
        {
            Self.Complete();
            if (caller.IsNobody)
                round.Finish(number);
            else
                caller.Tell(Message.Answer(number));
        }
    }
}
